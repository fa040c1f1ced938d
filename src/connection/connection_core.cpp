#include "connection/connection_core.hpp"

#include "base/loop_turn.hpp"
#include "connection/connection_client.hpp"
#include "connection/options_check.hpp"
#include "haive/mcp/base/clock.hpp"

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr double usual_jitter = 0.5;

MachineOptions machine_options(const ConnectionOptions& o) {
    MachineOptions m;
    m.auto_reconnect = o.auto_reconnect;
    m.max_reconnect_attempts = o.max_reconnect_attempts;
    m.reconnect_delay = to_duration(o.reconnect_delay);
    m.max_reconnect_delay = to_duration(o.max_reconnect_delay);
    m.health_check_interval = to_duration(o.health_check_interval);
    m.jitter = o.jitter.value_or(usual_jitter);
    m.backoff_multiplier = o.backoff_multiplier;
    if (o.stable_uptime) m.stable_uptime = to_duration(*o.stable_uptime);
    if (o.revive_after && *o.revive_after > Seconds(0)) m.revive_after = to_duration(*o.revive_after);
    m.retry_after_cap = to_duration(o.retry_after_cap);
    m.max_missed_probes = o.dead_after;
    return m;
}

HealthParameters health_parameters(const ConnectionOptions& o) {
    HealthScoreOptions h;
    h.health_check_interval = o.health_check_interval;
    h.ping_timeout = o.ping_timeout;
    h.dead_after = o.dead_after;
    return HealthParameters(h);
}

std::shared_ptr<ClientContext> make_context(const std::string& name, const ConnectionOptions& o) {
    ClientOptions client = o.client;
    client.request_timeout = o.request_timeout;
    return std::make_shared<ClientContext>(o.runtime ? o.runtime : Runtime::shared(), name, std::move(client));
}

CoreSettings settings_of(const ConnectionOptions& o) {
    CoreSettings s;
    s.connection_timeout = to_duration(o.connection_timeout);
    s.request_timeout = to_duration(o.request_timeout);
    s.trust_annotations = o.trust_annotations;
    s.wait_for_ready = o.wait_for_ready;
    return s;
}

/// The attempt failed, yet somebody was there: nothing is wrong with the way to the server.
bool answered(const Error& error) {
    return error.kind() != ErrorKind::server_unavailable && error.kind() != ErrorKind::connection_lost &&
           error.kind() != ErrorKind::deadline_exceeded;
}

Cause cause_of(const Error& error, bool graceful = false) {
    Cause cause;
    cause.cls = error.attempt_class();
    cause.kind = error.kind();
    cause.retry_after = error.details().retry_after;
    cause.graceful = graceful;
    return cause;
}

}  // namespace

ConnectionCore::ConnectionCore(std::string name, std::shared_ptr<MCPTransport> transport,
                               const ConnectionOptions& options, std::shared_ptr<ServerMetrics> metrics)
    : transport_(std::move(transport)),
      context_(make_context(std::move(name), checked(options))),
      loop_(context_->runtime().loop()),
      random_(context_->runtime().random().next() ^ stable_hash(this->name().data(), this->name().size())),
      probe_random_(random_.next()),
      machine_(machine_options(options)),
      health_(health_parameters(options)),
      budget_(loop_.now()),
      monitor_(*this, loop_, options),
      phase_timer_(loop_, [this] { apply(phase_timer_event_); }),
      connect_timeout_(to_duration(options.connection_timeout)),
      settings_(settings_of(options)),
      meter_(*this, std::move(metrics)) {
    record_.edit([&](ConnectionRecord& r) {
        r.since = loop_.now();
        r.prior_era = context_->options().prior_era;
    });
}

ConnectionCore::~ConnectionCore() = default;

void ConnectionCore::adopt_client() {
    client_ =
        std::make_shared<ConnectionClient>(context_, std::make_shared<WeakCaller>(weak_from_this()), weak_from_this());
}

void ConnectionCore::share(std::shared_ptr<OpenGate> gate, std::shared_ptr<RetryCeiling> retries,
                           OpenPriority priority) {
    gate_ = std::move(gate);
    retry_ceiling_ = std::move(retries);
    open_priority_ = priority;
}

/// The one place where decisions become deeds.
void ConnectionCore::apply(EventType type, Cause cause, std::uint64_t epoch) {
    auto keep = shared_from_this();
    MachineEvent event;
    event.type = type;
    event.cause = cause;
    event.epoch = epoch;
    event.random = random_.uniform();
    event.storm = gate_ && gate_->storming();
    const Phase from = machine_.phase();
    const ConnectionStatus status_before = machine_.status();
    const Actions actions = machine_.on(event, loop_.now());
    if (actions.stale) {
        record_.edit([](ConnectionRecord& r) { ++r.counters.stale_events; });
        meter_.stale();
        return;
    }
    meter_.stepped(event, from, status_before, record_->evidence.get());
    carry_out(actions, from, status_before);
}

void ConnectionCore::carry_out(const Actions& actions, Phase from, ConnectionStatus status_before) {
    const TimePoint now = loop_.now();
    if (actions.cancel_timers) {
        phase_timer_.disarm();
    }
    if (actions.churn > 0) {
        health_.lost(now, actions.churn);
        if (gate_) gate_->lost();
    }
    const bool gone = status_before == ConnectionStatus::connected && machine_.status() != ConnectionStatus::connected;
    if (gone) {
        record_.edit([&](ConnectionRecord& r) {
            if (r.connected_at != never) r.counters.uptime_before += now - r.connected_at;
            r.connected_at = never;
        });
        if (actions.churn <= 0) health_.disconnected(now);
        monitor_.on_gone();
    }
    if (actions.arm_backoff) arm_phase_timer(EventType::backoff_due, *actions.arm_backoff);
    if (actions.arm_stable) arm_phase_timer(EventType::stable_due, *actions.arm_stable);
    if (actions.arm_revive) arm_phase_timer(EventType::revive_due, *actions.arm_revive);
    monitor_.set_active(machine_.monitoring());

    if (actions.changed) announce(from, status_before);
    if (actions.close) close_transport(*actions.close);
    // Not between asking and opening any more: somebody else may have the turn.
    if (machine_.phase() != Phase::gated && !actions.open) leave_.reset();
    if (actions.ask_grant) ask_leave();
    if (actions.open) open_transport();
    if (actions.handshake) renew_session();
    // Last, because whoever is woken may ask for something new.
    if (gone) waiters_.wake(WaitFor::probe, Waiters::Woken::failed);
    if (actions.release_waiters) {
        const bool ok = *actions.release_waiters == Release::ok;
        waiters_.wake(WaitFor::attempt, ok ? Waiters::Woken::done : Waiters::Woken::failed);
    }
    wake_by_status();
}

/// Alone, a connection is granted its turn at once; in a fleet, when the fleet's limiter says so.
void ConnectionCore::ask_leave() {
    auto granted = [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->apply(EventType::granted);
    };
    if (gate_) {
        leave_ = gate_->ask(machine_.woken() ? OpenPriority::waited_for : open_priority_, std::move(granted));
    } else {
        loop_.post(std::move(granted));
    }
}

/// One timer is enough: waiting for an attempt, for stability and for a revival exclude each other.
void ConnectionCore::arm_phase_timer(EventType what, Duration wait) {
    phase_timer_event_ = what;
    phase_timer_.arm(saturating_add(loop_.now(), wait));
}

/// Those who wait for a usable connection, or for the end of one, go by where it stands now.
void ConnectionCore::wake_by_status() {
    const ConnectionStatus status = machine_.status();
    if (status == ConnectionStatus::connected) waiters_.wake(WaitFor::ready, Waiters::Woken::done);
    const bool parked = status == ConnectionStatus::error || status == ConnectionStatus::disconnected;
    if (parked) waiters_.wake(WaitFor::ready, Waiters::Woken::failed);
    if (machine_.phase() == Phase::idle) waiters_.wake(WaitFor::idle, Waiters::Woken::done);
}

void ConnectionCore::open_transport() {
    const TimePoint deadline = saturating_add(loop_.now(), connect_timeout_);
    connect_timeout_ = settings_.connection_timeout;
    auto leave = std::move(leave_);
    if (gate_ && !leave) leave = gate_->enter();
    run_attempt(machine_.epoch(), deadline, std::move(leave));
}

detail::Detached ConnectionCore::run_attempt(std::uint64_t epoch, TimePoint deadline,
                                             std::unique_ptr<OpenTicket> leave) {
    auto keep = shared_from_this();
    auto opening = std::make_shared<Opening>();
    opening_ = opening;
    opening->on_opened = [this, epoch] {
        if (opening_ && opening_->session) take_evidence(*opening_->session);
        set_reason("transport open");
        apply(EventType::opened, Cause(), epoch);
    };
    auto outcome = co_await establish(context_, transport_, epoch, record_->prior_era, deadline, opening);
    opening->on_opened = nullptr;
    if (opening_ == opening) opening_.reset();
    if (opening->session) take_evidence(*opening->session);
    if (leave && !opening->aborted) leave->ended(outcome.has_value() || answered(outcome.error()));
    leave.reset();

    if (opening->aborted) {
        // Somebody closed us meanwhile; the machine waits to hear that the transport is gone.
        const CloseMode mode = close_when_opened_.value_or(CloseMode::prompt);
        close_when_opened_.reset();
        run_close(std::move(opening->session), mode, epoch);
    } else if (outcome.has_error()) {
        failed_ = std::move(opening->session);
        const Error error = outcome.error();
        record_.edit([&](ConnectionRecord& r) {
            ++r.counters.failed_attempts;
            if (error.kind() != ErrorKind::invalid_command) r.prior_era = context_->options().prior_era;
        });
        note_failure(error);
        apply(EventType::attempt_failed, cause_of(error), epoch);
    } else {
        on_attempt_ok(epoch, std::move(opening->session));
    }
}

void ConnectionCore::on_attempt_ok(std::uint64_t epoch, std::shared_ptr<ClientSession> session) {
    if (session->lost()) {
        // It broke between the handshake's last byte and here.
        failed_ = std::move(session);
        apply(EventType::attempt_failed, Cause(), epoch);
        return;
    }
    session_ = std::move(session);
    session_->set_observer(this);
    const auto facts = session_->facts();
    context_->catalogue().clear();
    context_->tools().distrust();
    last_response_ = loop_.now();
    record_.edit([&](ConnectionRecord& r) {
        r.prior_era = PriorEra(facts->era, facts->protocol_version);
        r.facts = facts;
        r.last_error.reset();
        r.reason = "handshake done";
        if (++r.counters.connections > 1) ++r.counters.reconnects;
        r.connected_at = loop_.now();
        r.last_connected = wall_clock_now();
    });
    health_.handshake(loop_.now());
    apply(EventType::handshake_ok, Cause(), epoch);
    if (machine_.epoch() != epoch || machine_.status() != ConnectionStatus::connected) return;
    monitor_.on_ready();
    if (record_->counters.connections > 1) {
        SessionReplacedEvent replaced;
        replaced.generation = epoch;
        emit(replaced);
    }
}

void ConnectionCore::on_lost(std::uint64_t epoch, const ChannelEnd& end) {
    if (!session_ || session_->generation() != epoch) return;
    take_evidence(*session_);
    record_.edit([](ConnectionRecord& r) { ++r.counters.lost; });
    note_failure(end.error);
    apply(EventType::lost, cause_of(end.error, end.graceful), epoch);
}

void ConnectionCore::on_session_gone(std::uint64_t epoch, const Error& why) {
    if (!session_ || session_->generation() != epoch) return;
    take_evidence(*session_);
    record_.edit([](ConnectionRecord& r) { ++r.counters.lost; });
    note_failure(why);
    apply(EventType::session_lost, cause_of(why), epoch);
}

/// T15: one new `initialize` for any number of calls that met the loss; they wait and are sent again.
detail::Detached ConnectionCore::renew_session() {
    auto keep = shared_from_this();
    auto session = session_;
    const std::uint64_t epoch = machine_.epoch();
    const TimePoint deadline = saturating_add(loop_.now(), settings_.connection_timeout);
    // From a fresh stack: the channel that told us is still in the middle of it.
    LoopTurn turn(loop_);
    co_await turn;
    if (!session || session_ != session) co_return;
    auto outcome = co_await session->renew(deadline);
    if (session_ != session || machine_.epoch() != epoch) co_return;  // closed or replaced meanwhile
    if (outcome.has_error()) {
        take_evidence(*session);
        const Error error = outcome.error();
        record_.edit([](ConnectionRecord& r) { ++r.counters.failed_attempts; });
        note_failure(error);
        apply(EventType::attempt_failed, cause_of(error), epoch);
    } else {
        on_attempt_ok(epoch, std::move(session));
    }
}

void ConnectionCore::on_answer() {
    last_response_ = loop_.now();
    if (machine_.wants_answer()) apply(EventType::answered);
}

/// Gets rid of whatever transport there is; the machine hears `closed` when it is gone.
void ConnectionCore::close_transport(CloseMode mode) {
    const std::uint64_t epoch = machine_.closing_epoch();
    if (opening_) {
        close_when_opened_ = mode;
        auto opening = opening_;
        opening->abort();
        return;
    }
    auto session = session_ ? std::move(session_) : std::move(failed_);
    session_.reset();
    failed_.reset();
    if (session && mode == CloseMode::kill && !session->lost()) {
        Error why(ErrorKind::connection_lost, "the server stopped answering health checks and is being replaced");
        why.edit().server = name();
        session->fail_calls(why);
    }
    run_close(std::move(session), mode, epoch);
}

detail::Detached ConnectionCore::run_close(std::shared_ptr<ClientSession> session, CloseMode mode,
                                           std::uint64_t epoch) {
    auto keep = shared_from_this();
    // Always from a fresh stack: we may be deep inside the channel that is being closed.
    LoopTurn turn(loop_);
    co_await turn;
    if (session) {
        co_await close_session(session, mode);
        take_evidence(*session);
        session->set_observer(nullptr);
        session.reset();
    }
    apply(EventType::closed, Cause(), epoch);
    // Also when somebody asked to connect meanwhile: what was to be closed is gone.
    waiters_.wake(WaitFor::idle, Waiters::Woken::done);
}

void ConnectionCore::note_failure(const Error& error) {
    heed_pause(error);
    record_.edit([&](ConnectionRecord& r) {
        r.last_error = error;
        r.reason = error.message();
    });
}

void ConnectionCore::take_evidence(const ClientSession& session) {
    const ChannelEvidence seen = session.channel().evidence();
    meter_.saw(seen, session.generation());
    auto findings = says_more_than_bytes(seen) ? std::make_shared<const ChannelEvidence>(seen) : nullptr;
    record_.edit([&](ConnectionRecord& r) {
        r.bytes_in = seen.bytes_in;
        r.bytes_out = seen.bytes_out;
        r.evidence = std::move(findings);
    });
}

/// For the first oddity of a turn at once, for all others of it once at the end: a flood of them must not
/// cost a copy each.
void ConnectionCore::refresh_evidence_soon() {
    if (std::exchange(evidence_refresh_posted_, true)) return;
    if (session_) take_evidence(*session_);
    loop_.post([weak = weak_from_this()] {
        auto self = weak.lock();
        if (!self) return;
        self->evidence_refresh_posted_ = false;
        if (self->session_) self->take_evidence(*self->session_);
    });
}

}  // namespace haive::mcp
