#include "pool/pool_core.hpp"

#include "connection/call_class.hpp"
#include "connection/call_meter.hpp"
#include "connection/connection_client.hpp"
#include "haive/mcp/base/clock.hpp"
#include "pool/pool_options_check.hpp"
#include "protocol/call_deadline.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration shortest_blameable_wait = 5s;
constexpr int most_tests = 3;

bool is_process(const MCPTransport& transport) {
    return transport.type() == "StdioTransport" || transport.type() == "DockerTransport";
}

PoolLimits limits_of(const PoolOptions& o, const MCPTransport& transport) {
    const bool http = transport.type() == "HttpTransport" || transport.type() == "SseTransport";
    PoolLimits out;
    // Until the era is known: the careful one.
    out.mode = o.mode.value_or(PoolMode::session);
    out.max_size = o.max_size.value_or(is_process(transport) ? 1 : 8);
    out.min_size = std::min(o.min_size, out.max_size);
    out.min_idle = std::min(o.min_idle, out.max_size);
    out.max_in_flight = o.max_in_flight.value_or(http ? 100 : 32);
    out.max_waiting = o.max_waiting;
    out.idle_timeout = to_duration(o.idle_timeout);
    out.max_lifetime = to_duration(o.max_lifetime.value_or(is_process(transport) ? Seconds(0) : Seconds(1800)));
    out.drain_timeout = to_duration(o.drain_timeout);
    out.max_ejected = o.max_ejected;
    return out;
}

std::shared_ptr<ClientContext> make_context(const std::string& name, const ConnectionOptions& o) {
    ClientOptions client = o.client;
    client.request_timeout = o.request_timeout;
    return std::make_shared<ClientContext>(o.runtime ? o.runtime : Runtime::shared(), name, std::move(client));
}

/// The transport broke, or the server kept silent for long: what a pick should know (3.2).
bool blames_member(const Result<Reply>& reply, Duration took) {
    if (reply.has_value()) return false;
    switch (reply.error().kind()) {
        case ErrorKind::connection_lost:
        case ErrorKind::server_unavailable:
        case ErrorKind::protocol_violation: return true;
        case ErrorKind::idle_timeout:
        case ErrorKind::deadline_exceeded: return took >= shortest_blameable_wait;
        default: return false;
    }
}

}  // namespace

/// One acquire's wait. Registered while it lives.
class PoolCore::Waiter {
public:
    enum class End : std::uint8_t { pending, granted, hopeless, no_place, too_late, cancelled, closed };

    Waiter(PoolCore& pool, PoolPlan::WaiterId id, std::shared_ptr<CancelSlot> cancel)
        : pool_(pool), id_(id), cancel_(std::move(cancel)), timer_(pool.loop_, [this] { give_up(End::too_late); }) {
        pool_.waiters_.emplace(id_, this);
    }
    ~Waiter() {
        pool_.waiters_.erase(id_);
        if (cancel_) cancel_->clear();
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    void wait_until(TimePoint deadline) {
        timer_.arm(deadline);
        if (cancel_) cancel_->set([this] { give_up(End::cancelled); });
    }
    void end(End how, MemberId member = 0) {
        if (end_ != End::pending) return;
        end_ = how;
        member_ = member;
        timer_.disarm();
        if (waiter_) std::exchange(waiter_, {}).resume();
    }
    [[nodiscard]] bool done() const noexcept { return end_ != End::pending; }
    [[nodiscard]] MemberId member() const noexcept { return member_; }
    [[nodiscard]] bool await_ready() const noexcept { return done(); }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
    [[nodiscard]] End await_resume() const noexcept { return end_; }

private:
    /// Only who still waits: one whose lease is on its way has it.
    void give_up(End how) {
        if (done() || !pool_.plan_.withdraw(id_)) return;
        pool_.pump();  // what was kept for it is somebody else's
        end(how);
    }

    PoolCore& pool_;
    const PoolPlan::WaiterId id_;
    std::shared_ptr<CancelSlot> cancel_;
    Timer timer_;
    End end_ = End::pending;
    MemberId member_ = 0;
    std::coroutine_handle<> waiter_;
};

PoolCore::PoolCore(std::string name, std::shared_ptr<MCPTransport> transport, const PoolOptions& options,
                   ConnectionOptions connection, MemberHook hook)
    : name_(std::move(name)),
      transport_(std::move(transport)),
      options_(checked(options)),
      connection_(std::move(connection)),
      hook_(std::move(hook)),
      context_(make_context(name_, connection_)),
      loop_(context_->runtime().loop()),
      plan_(limits_of(options_, *transport_)),
      meter_(context_->runtime(), name_, plan_.limits()),
      timer_(loop_, [this] {
          plan_.tick();
          pump();
      }) {}

PoolCore::~PoolCore() {
    for (auto& [id, member] : members_) {
        if (!member.adopted) member.core->context()->set_event_listener(nullptr);
        if (!member.adopted) member.core->abandon();
    }
}

void PoolCore::adopt(std::shared_ptr<ConnectionCore> core) {
    context_ = core->context();
    const MemberId id = plan_.adopt(loop_.now());
    Member& member = members_[id];
    member.core = std::move(core);
    member.adopted = true;
    report(id);
}

void PoolCore::adopted_changed() {
    for (const auto& [id, member] : members_) {
        if (member.adopted) return report(id);
    }
}

void PoolCore::adopted_health(const HealthEvent& event) {
    for (const auto& [id, member] : members_) {
        if (member.adopted) return heed(id, event.outcome == "healthy");
    }
}

/// Carries out what the plan decides, until it has nothing more.
void PoolCore::pump() {
    const auto actions = plan_.decide(loop_.now(), [this] { return context_->runtime().random().uniform(); });
    for (const auto& [id, asker] : actions.open) open(id);
    for (const auto& closing : actions.close) close(closing);
    for (const MemberId id : actions.wake) {
        auto core = members_.at(id).core;
        auto work = [](std::shared_ptr<ConnectionCore> who) -> Task<Result<Duration>> {
            auto reached = co_await who->reach(who->settings().connection_timeout);
            co_return reached;
        };
        start<Duration>(loop_, work(core)).then([weak = weak_from_this(), id = id](const Result<Duration>&) {
            // Whether it helped or not: those who wait are waiting to know.
            if (auto self = weak.lock()) self->report(id);
        });
    }
    const auto end = [this](PoolPlan::WaiterId id, Waiter::End how, MemberId member) {
        const auto waiter = waiters_.find(id);
        if (waiter != waiters_.end()) waiter->second->end(how, member);
    };
    // Last: whoever is let go may come back for more.
    for (const auto& [waiter, member] : actions.grants) end(waiter, Waiter::End::granted, member);
    for (const auto waiter : actions.hopeless) end(waiter, Waiter::End::hopeless, 0);
    for (const auto waiter : actions.no_place) end(waiter, Waiter::End::no_place, 0);
    timer_.arm(plan_.next(loop_.now()));
    publish();
}

void PoolCore::open(MemberId id) {
    ConnectionOptions options = connection_;
    options.runtime = context_->shared_runtime();
    auto core =
        std::make_shared<ConnectionCore>(name_ + '#' + std::to_string(id), transport_, options, meter_.metrics());
    core->adopt_client();
    if (hook_) hook_(*core);
    core->context()->set_roots(context_->roots());
    core->context()->set_event_listener([weak = weak_from_this(), id](const Event& event) {
        auto self = weak.lock();
        if (!self) return;
        // From a fresh stack: the connection is in the middle of telling.
        if (std::holds_alternative<StatusEvent>(event.what)) {
            self->loop_.post([weak, id] {
                if (auto pool = weak.lock()) pool->report(id);
            });
        } else if (const auto* health = std::get_if<HealthEvent>(&event.what)) {
            self->loop_.post([weak, id, healthy = health->outcome == "healthy"] {
                if (auto pool = weak.lock()) pool->heed(id, healthy);
            });
        }
    });
    Member& member = members_[id];
    member.core = core;
    member.used_at = loop_.now();
    {
        std::lock_guard lock(mutex_);
        ++stats_.opened;
    }
    if (!connection_.auto_reconnect) {
        (void)mcp::start<void>(loop_, core->connect(core->settings().connection_timeout, nullptr));
    }
    core->start_monitoring();
}

void PoolCore::close(const PoolPlan::Closing& closing) {
    const auto found = members_.find(closing.member);
    if (found == members_.end()) return;
    const Member member = std::move(found->second);
    members_.erase(found);
    if (member.adopted) return closed_.raise();
    meter_.closed(closing);
    if (closing.why != EvictionReason::drained) member.core->meter().rotates();
    {
        std::lock_guard lock(mutex_);
        ++stats_.closed;
    }
    member.core->context()->set_event_listener(nullptr);
    member.core->stop_monitoring();
    ++closing_;
    mcp::start<void>(loop_, member.core->disconnect(nullptr))
        .then([weak = weak_from_this(), core = member.core](const Result<void>&) {
            auto self = weak.lock();
            if (self && --self->closing_ == 0) self->closed_.raise();
        });
}

MemberPhase PoolCore::state_of(const ConnectionCore& core) {
    switch (core.status()) {
        case ConnectionStatus::connected:
            return core.machine_phase() == Phase::suspect ? MemberPhase::suspect : MemberPhase::ready;
        case ConnectionStatus::connecting: return MemberPhase::opening;
        case ConnectionStatus::reconnecting: return MemberPhase::healing;
        case ConnectionStatus::error:
        case ConnectionStatus::disconnected: break;
    }
    return MemberPhase::failed;
}

void PoolCore::report(MemberId id) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    note(id, found->second);
    pump();
}

/// A probe ended, or the health signal crossed a line.
void PoolCore::heed(MemberId id, bool healthy) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    plan_.score(id, found->second.core->health().score, loop_.now());
    if (healthy) plan_.recovered(id, loop_.now());
    pump();
}

/// What the plan should know of a member, as it is now.
void PoolCore::note(MemberId id, Member& member) {
    ConnectionCore& core = *member.core;
    MemberPhase state = state_of(core);
    // One that was told to open, and has not begun.
    if (state == MemberPhase::failed && core.status() == ConnectionStatus::disconnected &&
        core.failed_attempts() == 0) {
        state = MemberPhase::opening;
    }
    if (state == MemberPhase::ready) {
        const auto facts = core.facts();
        if (!options_.mode && facts) {
            plan_.set_mode(facts->era == Era::modern ? PoolMode::shared : PoolMode::session);
        }
        std::lock_guard lock(mutex_);
        facts_ = facts;
        stats_.last_connect_error.clear();
    } else if (const auto error = core.record().last_error) {
        std::lock_guard lock(mutex_);
        stats_.last_connect_error = error->summary();
    }
    plan_.report(id, state, loop_.now(), context_->runtime().random().uniform());
    if (state == MemberPhase::ready) plan_.score(id, core.health().score, loop_.now());
}

bool PoolCore::wants_test(const LeaseNeed& need) const noexcept {
    return options_.check_after_idle > Seconds(0) && (need.exclusive || plan_.limits().mode != PoolMode::shared);
}

TimePoint PoolCore::patience(const std::optional<Seconds>& timeout) const {
    const Seconds usual = options_.acquire_timeout.value_or(connection_.connection_timeout);
    return saturating_add(loop_.now(), to_duration(timeout.value_or(usual)));
}

Task<Result<PoolCore::Grant>> PoolCore::grant(LeaseNeed need, TimePoint deadline, std::shared_ptr<CancelSlot> cancel) {
    auto keep = shared_from_this();
    if (drained_) co_return refusal(ErrorKind::shutdown, "the pool is closed");
    if (cancel && cancel->requested()) co_return refusal(ErrorKind::cancelled, "cancelled by the caller");
    const TimePoint came = loop_.now();
    const auto id = next_waiter_++;
    Waiter waiter(*this, id, std::move(cancel));
    if (!plan_.ask(id, std::move(need))) {
        {
            std::lock_guard lock(mutex_);
            ++stats_.refused;
        }
        co_return refusal(ErrorKind::queue_full, "too many wait for a connection already");
    }
    pump();
    const bool waits = !waiter.done();
    if (waits) waiter.wait_until(deadline);
    std::optional<PoolMeter::Wait> wait;
    if (waits) wait.emplace(meter_);
    const Waiter::End how = co_await waiter;
    wait.reset();
    {
        std::lock_guard lock(mutex_);
        if (waits) ++stats_.waited;
        stats_.wait_seconds += to_seconds(loop_.now() - came);
        if (how == Waiter::End::granted) ++stats_.acquired;
        if (how == Waiter::End::too_late) ++stats_.timeouts;
        if (how == Waiter::End::hopeless || how == Waiter::End::no_place) ++stats_.refused;
    }
    if (how == Waiter::End::too_late) meter_.timed_out();
    if (how == Waiter::End::granted) meter_.waited(plan_.limits().mode, loop_.now() - came);
    switch (how) {
        case Waiter::End::granted: break;
        case Waiter::End::hopeless:
            co_return refusal(ErrorKind::not_connected, "no connection is there, and none is coming");
        case Waiter::End::no_place: co_return all_places_taken();
        case Waiter::End::cancelled:
            co_return refusal(ErrorKind::cancelled, "cancelled by the caller while it waited for a connection");
        case Waiter::End::closed: co_return refusal(ErrorKind::shutdown, "the pool was closed");
        case Waiter::End::pending:
        case Waiter::End::too_late: co_return refusal(ErrorKind::acquire_timeout, "no connection became free in time");
    }
    Grant out;
    out.member = waiter.member();
    const auto granted = members_.find(out.member);
    if (granted == members_.end()) {
        // Closed between the grant and now, by whoever was served before us.
        plan_.release(out.member, need, loop_.now());
        co_return refusal(ErrorKind::shutdown, "the connection was closed before it could be lent");
    }
    out.core = granted->second.core;
    out.since = loop_.now();
    co_return out;
}

/// A connection that nobody used for a while is asked whether it is there, before somebody relies on it (P-8).
Task<Result<PoolCore::Grant>> PoolCore::tested_grant(LeaseNeed need, TimePoint deadline,
                                                     std::shared_ptr<CancelSlot> cancel) {
    auto keep = shared_from_this();
    for (int tests = 0;; ++tests) {
        auto got = co_await grant(need, deadline, cancel);
        if (got.has_error() || tests >= most_tests || !wants_test(need)) co_return got;
        const auto member = members_.find(got->member);
        const bool rested =
            member != members_.end() && loop_.now() - member->second.used_at >= to_duration(options_.check_after_idle);
        if (!rested || plan_.leases(got->member) > 1) co_return got;
        const Duration limit = std::min(to_duration(options_.check_timeout), deadline - loop_.now());
        auto answered = co_await got->core->probe(std::max<Duration>(limit, 1ms));
        if (answered) co_return got;
        give_back(got->member, need, EvictionReason::unhealthy, got->since);
    }
}

Task<Result<Reply>> PoolCore::call(Request request) {
    struct Others final : Elsewhere {
        Others(const PoolPlan& p, const LeaseNeed& n) : plan(p), need(n) {}
        [[nodiscard]] bool ready() const override { return plan.has_other(member, need); }
        const PoolPlan& plan;
        const LeaseNeed& need;
        MemberId member = 0;
    };
    auto keep = shared_from_this();
    LeaseNeed need;
    need.asker = request.asker;
    need.affinity = request.affinity;
    Others others(plan_, need);
    CallCourse course;
    // One deadline for all of it: what the wait for a connection takes, the call has no more.
    fix_deadline(request, loop_.now(), to_duration(connection_.request_timeout));
    course.elsewhere = &others;
    const TimePoint patient_until = std::min(patience(std::nullopt), request.deadline);
    for (;;) {
        auto got = co_await tested_grant(need, patient_until, request.cancel);
        const TimePoint began = loop_.now();
        if (got.has_value() && began >= request.deadline) {
            give_back(got->member, need, std::nullopt, began);
            got = Error(ErrorKind::deadline_exceeded, "the call's time was over when a connection became free");
        }
        if (got.has_error()) {
            // A call that was handed back and found no other: the failure that led here is the story.
            Error error = course.failure ? *course.failure : got.error();
            error.set_disposition(std::max(course.worst, error.disposition()));
            if (meter_.metrics()) {
                count_refusal(*meter_.metrics(), request, connection_.trust_annotations, error.kind());
            }
            const int attempts = course.failure ? course.history.attempts : 0;
            tell_of_refusal(name_, runtime(), request, {error.kind(), error.disposition(), attempts, course.trace});
            error.edit().server = name_;
            error.edit().operation = request.name.empty() ? request.method : request.method + ' ' + request.name;
            co_return error;
        }
        const MemberId id = others.member = got->member;
        share_tools(members_.at(id));
        auto reply = co_await ConnectionCore::call_kept(got->core, request, course);
        const TimePoint now = loop_.now();
        plan_.called(id, now - began, blames_member(reply, now - began), now);
        give_back(id, need, std::nullopt, began);
        if (!course.handed_back) co_return reply;
        // Once: where two in a row are broken, healing is worth the wait.
        course.handed_back = false;
        course.elsewhere = nullptr;
    }
}

/// Calls are put into words by what the tools' list says, whichever member was asked for it.
void PoolCore::share_tools(Member& member) {
    if (member.core->context() == context_ || member.tools_revision == context_->tools().revision()) return;
    member.tools_revision = context_->tools().revision();
    member.core->context()->tools() = context_->tools();
}

void PoolCore::give_back(MemberId id, const LeaseNeed& need, std::optional<EvictionReason> evict, TimePoint since) {
    meter_.used(plan_.limits().mode, loop_.now() - since);
    const auto member = members_.find(id);
    if (member != members_.end()) {
        member->second.used_at = loop_.now();
        // One that broke is not unhealthy but away: its news is on its way, and its score says nothing of what comes.
        const ConnectionCore& core = *member->second.core;
        if (core.status() == ConnectionStatus::connected) {
            plan_.score(id, core.health().score, loop_.now());
        } else {
            note(id, member->second);
        }
    }
    plan_.release(id, need, loop_.now());
    if (evict) plan_.evict(id, loop_.now(), *evict);
    pump();
}

void PoolCore::suspend(bool suspended) {
    plan_.suspend(suspended);
    pump();
}

bool PoolCore::evict(std::string_view member) {
    for (const auto& [id, each] : members_) {
        if (each.core->name() != member) continue;
        const bool goes = plan_.evict(id, loop_.now());
        pump();
        return goes;
    }
    return false;
}

void PoolCore::evict_all() {
    for (const MemberId id : plan_.members()) plan_.evict(id, loop_.now());
    plan_.forgive();
    pump();
}

Task<Result<void>> PoolCore::drain(Duration patience, TimePoint limit) {
    auto keep = shared_from_this();
    drained_ = true;
    std::vector<PoolPlan::WaiterId> waiting;
    for (const auto& [id, waiter] : waiters_) waiting.push_back(id);
    for (const auto id : waiting) {
        const auto waiter = waiters_.find(id);
        if (waiter != waiters_.end() && plan_.withdraw(id)) waiter->second->end(Waiter::End::closed);
    }
    plan_.drain_all(loop_.now(), patience);
    pump();
    while ((closing_ > 0 || !members_.empty()) && loop_.now() < limit) {
        Signal::Wait wait(closed_, loop_, limit);
        (void)co_await wait;
    }
    publish();
    co_return Result<void>();
}

void PoolCore::abandon() {
    drained_ = true;
    plan_.drain_all(loop_.now(), Duration::zero());
    plan_.tick();
    pump();
}

void PoolCore::set_roots(const std::vector<ClientRoot>& roots) {
    context_->set_roots(roots);
    loop_.dispatch([weak = weak_from_this(), roots] {
        auto self = weak.lock();
        if (!self) return;
        for (auto& [id, member] : self->members_) member.core->client()->set_roots(roots);
    });
}

void PoolCore::publish() {
    const auto counts = plan_.counts(loop_.now());
    meter_.shows(counts);
    std::lock_guard lock(mutex_);
    stats_.total = counts.total;
    stats_.active = counts.active;
    stats_.idle = counts.idle;
    stats_.opening = counts.opening;
    stats_.failed = counts.failed;
    stats_.draining = counts.draining;
    stats_.ejected = counts.ejected;
    stats_.waiting = counts.waiting;
}

PoolStats PoolCore::stats() const {
    std::lock_guard lock(mutex_);
    return stats_;
}

std::shared_ptr<const SessionFacts> PoolCore::facts() const {
    std::lock_guard lock(mutex_);
    return facts_;
}

Error PoolCore::refusal(ErrorKind kind, std::string why) const {
    const auto counts = plan_.counts(loop_.now());
    const auto number = [](int n, const char* what) { return std::to_string(n) + ' ' + what; };
    why += " (" + number(counts.total, "connections: ") + number(counts.active, "in use, ") +
           number(counts.idle, "idle, ") + number(counts.opening, "opening, ") + number(counts.failed, "failed; ") +
           number(counts.waiting, "waiting)");
    const std::string last = stats().last_connect_error;
    if (!last.empty()) why += "; the last failure to connect: " + last;
    Error error(kind, std::move(why));
    error.edit().server = name_;
    error.edit().operation = "acquire";
    if (kind == ErrorKind::acquire_timeout) {
        error.set_mend("give leases back sooner, or raise max_size if the server can bear more connections");
    }
    return error;
}

Error PoolCore::all_places_taken() const {
    Error error = refusal(ErrorKind::not_connected,
                          "the pool may have no connection but the server's own, which callers with an `asker` never "
                          "share with those without");
    error.set_mend("raise the pool's max_size to 2 or more, or leave the asker out");
    return error;
}

void PoolCore::tell(std::string_view kind, std::string text) {
    OddityEvent oddity;
    oddity.kind = kind;
    oddity.text = std::move(text);
    Event event;
    event.what = std::move(oddity);
    context_->emit(std::move(event));
}

}  // namespace haive::mcp
