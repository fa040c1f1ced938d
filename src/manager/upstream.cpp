#include "manager/upstream.hpp"

#include "connection/call_class.hpp"
#include "connection/call_meter.hpp"
#include "connection/connection_client.hpp"
#include "connection/describe.hpp"
#include "protocol/call_deadline.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

OpenKind kind_of(const MCPTransport& transport) {
    if (transport.type() == "StdioTransport" || transport.type() == "DockerTransport") return OpenKind::process;
    return transport.origin().empty() ? OpenKind::cheap : OpenKind::network;
}

/// What a fleet chooses where the entry does not: nobody presses "reconnect" here (B-7), and servers are apt to be lost
/// together (the last line of section 2).
ConnectionOptions in_fleet(ConnectionOptions options, const Fleet& fleet) {
    constexpr Seconds revive_after(300);
    constexpr double jitter = 0.75;
    options.runtime = fleet.runtime;
    if (!options.revive_after) options.revive_after = revive_after;
    if (!options.jitter) options.jitter = jitter;
    return options;
}

std::shared_ptr<ConnectionCore> make_core(const UpstreamConfig& config, const Fleet& fleet) {
    auto core = std::make_shared<ConnectionCore>(config.name, config.transport, in_fleet(config.connection, fleet));
    core->adopt_client();
    return core;
}

BreakerLevel level_of(BreakerState state) noexcept {
    switch (state) {
        case BreakerState::open: return BreakerLevel::open;
        case BreakerState::half_open: return BreakerLevel::half_open;
        case BreakerState::closed: break;
    }
    return BreakerLevel::closed;
}

}  // namespace

/// One call's stay.
class Upstream::Use {
public:
    explicit Use(Upstream& upstream) : upstream_(upstream) {
        if (upstream_.uses_++ == 0) upstream_.idle_timer_.disarm();
    }
    ~Use() {
        --upstream_.uses_;
        upstream_.show_guards();
        upstream_.rest_when_idle();
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

private:
    Upstream& upstream_;
};

Upstream::Upstream(UpstreamConfig config, const Fleet& fleet)
    : config_(std::move(config)),
      fleet_(fleet),
      loop_(fleet.runtime->loop()),
      core_(make_core(config_, fleet_)),
      listing_(std::make_unique<Listing>(loop_, core_->client(), fleet_.listings)),
      idle_timer_(loop_, [this] {
          // Closed, not given up: the next use opens it again.
          wanted_ = false;
          if (pool_) pool_->evict_all();
          (void)start<void>(loop_, core_->disconnect(nullptr));
      }) {
    const UpstreamOptions& o = config_.upstream;
    const std::string origin = config_.transport->origin();
    join_fleet(*core_);
    front_ = core_.get();
    if (config_.pool) {
        auto hook = [this](ConnectionCore& core) { join_fleet(core); };
        pool_ = std::make_shared<PoolCore>(config_.name, config_.transport, *config_.pool,
                                           in_fleet(config_.connection, fleet_), hook);
        front_ = pool_.get();
    }
    if (o.hedging) {
        hedge_ = std::make_unique<HedgeCaller>(*front_, loop_);
        front_ = hedge_.get();
    }
    Random& random = fleet_.runtime->random();
    if (o.circuit_breaker) {
        auto prober = [core = core_](Duration limit) { return core->reach(limit); };
        breaker_ = std::make_unique<BreakerCaller>(config_.name, *front_, std::move(prober), loop_, random);
        breaker_->witness = this;
        breaker_->on_probed = [this] { show_guards(); };
        front_ = breaker_.get();
        if (const auto& metrics = core_->meter().shared_metrics()) {
            circuit_meter_ = std::make_unique<CircuitMeter>(metrics);
        }
    }
    const Duration usual = core_->settings().request_timeout;
    if (!origin.empty()) {
        pacing_ = std::make_unique<PacingCaller>(config_.name, origin, *front_, fleet_.pacing, loop_, random, usual);
        pacing_->witness = this;
        front_ = pacing_.get();
    }
    limit_ = std::make_unique<LimitCaller>(config_.name, *front_, loop_, o.max_in_flight, o.max_queued, usual);
    limit_->witness = this;
    front_ = limit_.get();
    listing_->on_update = [this] {
        changed_.raise();
        if (on_update) on_update();
    };
}

/// What all connections of a manager's servers share.
void Upstream::join_fleet(ConnectionCore& core) const {
    const std::string origin = config_.transport->origin();
    core.share(fleet_.gate->gate_for(origin, kind_of(*config_.transport)), fleet_.retries,
               config_.upstream.required ? OpenPriority::required : OpenPriority::idle);
    core.on_retry_after = [pacing = fleet_.pacing, origin, &loop = loop_](Duration pause) {
        pacing->note(origin, pause, loop.now());
    };
}

/// The first connection is the upstream's own, which lists and is looked at; the pool adds others as it needs them.
void Upstream::fill_pool() {
    if (pool_ && !std::exchange(pool_filled_, true)) pool_->adopt(core_);
}

Upstream::~Upstream() {
    if (pool_) pool_->abandon();
    core_->context()->set_event_listener(nullptr);
    core_->abandon();
}

void Upstream::adopt() {
    core_->context()->set_event_listener([weak = weak_from_this()](const Event& event) {
        if (auto self = weak.lock()) self->take_event(event);
    });
}

void Upstream::want(OpenPriority priority) {
    if (wanted_ || retired_) return;
    wanted_ = true;
    wanted_since_ = loop_.now();
    attempts_before_ = core_->record().counters.failed_attempts;
    // The connection's own gate: its membership of the origin is counted once.
    leave_ = core_->ask_first_leave(config_.upstream.required ? OpenPriority::required : priority,
                                    [weak = weak_from_this()] {
                                        if (auto self = weak.lock()) self->open(std::move(self->leave_));
                                    });
}

/// Monitoring asks for the connection and heals it from its first attempt on; without it, one attempt is made.
void Upstream::open(std::unique_ptr<OpenTicket> leave) {
    if (!wanted_ || retired_) return;
    core_->hold(std::move(leave));
    if (!config_.connection.auto_reconnect) {
        (void)start<void>(loop_, core_->connect(core_->settings().connection_timeout, nullptr));
    }
    core_->start_monitoring();
    fill_pool();
}

void Upstream::take_event(const Event& event) {
    if (on_event) on_event(event);
    if (const auto* status = std::get_if<StatusEvent>(&event.what)) {
        const bool now_up = status->to == to_string(ConnectionStatus::connected);
        if (now_up != std::exchange(up_, now_up)) now_up ? on_up() : on_down();
        // From a fresh stack: the connection is in the middle of telling.
        loop_.post([weak = weak_from_this()] {
            auto self = weak.lock();
            if (!self) return;
            if (self->pool_) self->pool_->adopted_changed();
            self->changed_.raise();
            if (self->on_update) self->on_update();
        });
    } else if (const auto* health = std::get_if<HealthEvent>(&event.what)) {
        if (!pool_) return;
        loop_.post([weak = weak_from_this(), heard = *health] {
            if (auto self = weak.lock()) self->pool_->adopted_health(heard);
        });
    } else if (std::holds_alternative<SessionReplacedEvent>(event.what)) {
        if (up_) listing_->on_connected();
    } else if (const auto* changed = std::get_if<CatalogueEvent>(&event.what)) {
        listing_->on_changed(changed->what);
    }
}

void Upstream::on_up() {
    if (breaker_) breaker_->breaker().proven_alive(loop_.now());
    listing_->on_connected();
    show_guards();
    rest_when_idle();
}

void Upstream::on_down() { listing_->on_gone(); }

void Upstream::show_guards() {
    in_flight_.store(limit_->in_flight(), std::memory_order_relaxed);
    queued_.store(limit_->waiting(), std::memory_order_relaxed);
    std::uint64_t refused = limit_->refused();
    if (hedge_) hedged_.store(hedge_->hedged(), std::memory_order_relaxed);
    if (breaker_) {
        refused += breaker_->refused();
        const CircuitBreaker& breaker = breaker_->breaker();
        breaker_state_.store(breaker.state(), std::memory_order_relaxed);
        // A probe that was answered is enough for the score: it would else keep away the calls that close the breaker.
        const BreakerLevel level = breaker.proven() ? BreakerLevel::closed : level_of(breaker.state());
        if (level != core_->health_score().state().breaker) {
            core_->health_score().set_breaker(level);
            core_->publish_health();
        }
        if (circuit_meter_) circuit_meter_->shows(breaker_->breaker());
        watch_breaker();
    }
    refused_.store(refused, std::memory_order_relaxed);
}

/// After its pause the server is probed although nobody calls it. Not while it is away: what brings it back proves it
/// alive, and one that rests is to rest.
void Upstream::watch_breaker() {
    const auto until = breaker_->breaker().open_until();
    if (!until) {
        if (breaker_timer_) breaker_timer_->disarm();
        return;
    }
    if (!breaker_timer_) {
        breaker_timer_ = std::make_unique<Timer>(loop_, [this] {
            if (retired_ || !usable()) return;
            breaker_->look();
            show_guards();
        });
    }
    breaker_timer_->arm(*until);
}

void Upstream::rest_when_idle() {
    if (uses_ == 0 && retired_) changed_.raise();
    if (config_.upstream.start != StartPolicy::on_use || uses_ > 0 || retired_ || !wanted_) return;
    idle_timer_.arm(saturating_add(loop_.now(), to_duration(config_.upstream.idle_stop)));
}

bool Upstream::first_attempt_over() const {
    return usable() || core_->failed_attempts() > attempts_before_ || core_->status() == ConnectionStatus::error;
}

Task<Result<StartResult>> Upstream::wait_started(TimePoint deadline) {
    auto keep = shared_from_this();
    StartResult out;
    out.server = config_.name;
    out.required = config_.upstream.required;
    const TimePoint began = loop_.now();
    for (;;) {
        out.took = loop_.now() - began;
        if (usable() && listing_->complete()) {
            out.outcome = StartResult::Outcome::ready;
            break;
        }
        if (!usable() && (retired_ || (wanted_ && first_attempt_over()))) {
            out.outcome = StartResult::Outcome::failed;
            out.error = core_->record().last_error;
            break;
        }
        if (loop_.now() >= deadline) {
            if (usable()) out.error = listing_->failure();
            break;
        }
        Signal::Wait wait(changed_, loop_, deadline);
        (void)co_await wait;
    }
    co_return out;
}

Task<Result<bool>> Upstream::reconnect() {
    auto keep = shared_from_this();
    if (breaker_) breaker_->breaker().reset(loop_.now());
    show_guards();
    wanted_ = true;
    core_->start_monitoring();
    fill_pool();
    if (pool_) pool_->evict_all();
    if (core_->status() == ConnectionStatus::error) {
        // Used up or refused for good: a person asks, so it starts afresh.
        auto fresh = co_await core_->connect(core_->settings().connection_timeout, nullptr);
        co_return fresh.has_value();
    }
    auto connected = co_await core_->reconnect(nullptr);
    co_return connected;
}

Task<Result<void>> Upstream::retire(TimePoint drain_until, TimePoint limit) {
    auto keep = shared_from_this();
    retired_ = true;
    leave_.reset();
    idle_timer_.disarm();
    hasten(drain_until, limit);
    while (uses_ > 0 && loop_.now() < drain_until_) {
        Signal::Wait wait(changed_, loop_, drain_until_);
        (void)co_await wait;
    }
    if (pool_) {
        auto drained = co_await pool_->drain(Duration::zero(), retire_limit_);
        (void)drained;
    }
    core_->stop_monitoring();
    auto slot = std::make_shared<CancelSlot>();
    Timer cut(loop_, [slot] { slot->request(); });
    cut.arm(retire_limit_);
    auto closed = co_await core_->disconnect(slot);
    if (core_->machine_phase() != Phase::idle) core_->abandon();
    co_return closed;
}

void Upstream::hasten(TimePoint drain_until, TimePoint limit) {
    drain_until_ = std::min(drain_until_, drain_until);
    retire_limit_ = std::min(retire_limit_, limit);
    changed_.raise();
}

void Upstream::abandon() {
    retired_ = true;
    leave_.reset();
    idle_timer_.disarm();
    if (pool_) pool_->abandon();
    core_->abandon();
    hasten(loop_.now(), loop_.now());
}

void Upstream::refused(const Request& request, ErrorKind kind) noexcept {
    auto* metrics = core_->meter().metrics();
    if (metrics != nullptr) count_refusal(*metrics, request, core_->settings().trust_annotations, kind);
    Refusal refusal;
    refusal.why = kind;
    tell_of_refusal(config_.name, core_->runtime(), request, refusal);
}

void Upstream::held(int change) noexcept {
    auto* metrics = core_->meter().metrics();
    if (metrics == nullptr) return;
    metrics->pending.add(change);
    metrics->active.add(change);
}

/// Of a call that never got as far as a connection.
Error Upstream::refusal(ErrorKind kind, const char* text, const Request& request) {
    refused(request, kind);
    Error error(kind, text);
    auto& details = error.edit();
    details.server = config_.name;
    details.operation = request.name.empty() ? request.method : request.method + ' ' + request.name;
    return error;
}

Error Upstream::gone(const Request& request) {
    Error error = refusal(ErrorKind::shutdown, "the server's entry was removed or changed", request);
    error.set_mend("get its client anew from the manager");
    return error;
}

Task<Result<Reply>> Upstream::call_on(std::shared_ptr<Upstream> self, Request request) {
    Upstream& up = *self;
    if (up.retired_) co_return up.gone(request);
    const auto cancelled = [&request] { return request.cancel && request.cancel->requested(); };
    if (cancelled()) co_return up.refusal(ErrorKind::cancelled, "cancelled by the caller", request);
    const Use use(up);
    fix_deadline(request, up.loop_.now(), up.core_->settings().request_timeout);
    if (!up.wanted_) up.want(OpenPriority::waited_for);
    if (!up.usable() && !up.first_attempt_over()) {
        const TimePoint until =
            std::min(request.deadline, saturating_add(up.loop_.now(), up.core_->settings().connection_timeout));
        const Hold hold(&up);
        if (request.cancel) request.cancel->set([&up] { up.changed_.raise(); });
        while (!up.usable() && !up.first_attempt_over() && !up.retired_ && up.loop_.now() < until && !cancelled()) {
            Signal::Wait wait(up.changed_, up.loop_, until);
            (void)co_await wait;
        }
        if (request.cancel) request.cancel->clear();
        if (cancelled()) {
            co_return up.refusal(ErrorKind::cancelled, "cancelled by the caller while the server was started", request);
        }
        if (up.retired_) co_return up.gone(request);
        if (up.loop_.now() >= request.deadline) {
            co_return up.refusal(ErrorKind::deadline_exceeded, "the server was not there in time; its start goes on",
                                 request);
        }
    }
    // Calls through a manager wait for a connection that is being healed.
    if (!request.options.wait_for_ready) request.options.wait_for_ready = true;
    up.in_flight_.store(up.limit_->in_flight() + 1, std::memory_order_relaxed);
    auto reply = co_await up.front_->call(std::move(request));
    co_return reply;
}

ServerOffer Upstream::offer() const {
    ServerOffer out;
    out.server = config_.name;
    out.lists = listing_->lists();
    out.freshness = listing_->freshness();
    out.tools = config_.upstream.tools;
    out.prompts = config_.upstream.prompts;
    out.resources = config_.upstream.resources;
    out.prefix = config_.upstream.prefix;
    return out;
}

Explanation Upstream::explain() const {
    return describe_state(core_->record(), core_->health(), core_->name(), *core_->transport(),
                          core_->runtime().loop().now());
}

std::optional<PoolStats> Upstream::pool_stats() const { return pool_ ? std::optional(pool_->stats()) : std::nullopt; }

UpstreamInfo Upstream::info() const {
    UpstreamInfo out;
    out.name = config_.name;
    out.required = config_.upstream.required;
    out.start = config_.upstream.start;
    out.health = core_->health();
    out.connection =
        describe_info(core_->record(), out.health, core_->name(), *core_->transport(), core_->runtime().loop().now());
    out.in_flight = in_flight_.load(std::memory_order_relaxed);
    out.queued = queued_.load(std::memory_order_relaxed);
    out.breaker = to_string(breaker_state_.load(std::memory_order_relaxed));
    out.pool = pool_stats();
    out.refused = refused_.load(std::memory_order_relaxed);
    out.hedged = hedged_.load(std::memory_order_relaxed);
    return out;
}

}  // namespace haive::mcp
