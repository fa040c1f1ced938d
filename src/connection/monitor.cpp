#include "connection/monitor.hpp"

#include "connection/connection_core.hpp"

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

// A probe's exchange is kept open for this many times its own limit: a late answer is still life.
constexpr int late_answer_factor = 6;
constexpr Duration long_wait = 2s;
constexpr Duration wake_grid = 20ms;

ProbeScheduleOptions schedule_options(const ConnectionOptions& o) {
    ProbeScheduleOptions out;
    out.health_check_interval = o.health_check_interval;
    out.ping_timeout = o.ping_timeout;
    return out;
}

}  // namespace

Monitor::Monitor(ConnectionCore& core, Loop& loop, const ConnectionOptions& options)
    : core_(core),
      loop_(loop),
      schedule_(schedule_options(options)),
      jury_(true, PingSupport::unknown, options.dead_after),
      timer_(loop, [this] { evaluate(); }) {}

void Monitor::set_active(bool active) {
    if (active_ == active) return;
    active_ = active;
    if (!active_) {
        schedule_.stop();
        timer_.disarm();
    } else if (up_) {
        on_ready();
    }
}

void Monitor::on_ready() {
    up_ = true;
    jury_.connected(core_.session()->facts()->era == Era::legacy);
    look(true);
    if (!active_ || jury_.passive()) return;
    const std::string& name = core_.name();
    schedule_.start(loop_.now(), stable_hash(name.data(), name.size()));
    evaluate();
}

void Monitor::on_gone() {
    up_ = false;
    schedule_.stop();
    timer_.disarm();
    look(false);
}

ProbeFacts Monitor::facts() const {
    ProbeFacts f;
    const auto& session = core_.session();
    if (!session) return f;
    f.last_response = core_.last_response();
    f.last_byte = session->channel().last_byte_in();
    f.serial_peer = true;
    if (const CallWait* oldest = session->oldest_call()) {
        f.oldest_sent = oldest->sent_at();
        f.oldest_deadline = oldest->ends_by();
        f.overdue_at = overdue_at(oldest->sent_at(), core_.usual_call_time());
    }
    f.below_threshold = core_.health_score().score(loop_.now()) < HealthSignal::leave_below;
    return f;
}

/// A tick: asks the schedule what to do now and arms for the next one.
void Monitor::evaluate() {
    if (!up_) return;
    const TimePoint now = loop_.now();
    if (jumps_.on_tick(now, loop_.asleep()) && schedule_.time_jumped(now, core_.chance())) {
        core_.health_score().probe_abandoned();
    }

    for (;;) {
        const ProbeStep step = schedule_.next(facts(), now, core_.chance());
        if (step.action == ProbeAction::probe_now) {
            send_probe();
        } else if (step.action == ProbeAction::missed) {
            on_missed();
            if (!up_) return;
        } else if (step.action == ProbeAction::inconclusive) {
            core_.health_score().probe_inconclusive(now);
            core_.publish_health();
            core_.meter().probed(ProbeEnd::inconclusive, schedule_.ping_timeout());
            tell("inconclusive", std::nullopt);
            core_.waiters().wake(WaitFor::probe, Waiters::Woken::failed);
        }
        core_.meter().probes_skipped(schedule_.skipped());
        if (step.action == ProbeAction::wait || step.action == ProbeAction::probe_now) {
            arm(step.until);
            return;
        }
    }
}

/// Long waits end on a common grid: many idle connections then share a wake-up of the host.
void Monitor::arm(TimePoint due) {
    if (due != never && due - loop_.now() >= long_wait) {
        const Duration past = due.time_since_epoch() % wake_grid;
        if (past > Duration::zero()) due = saturating_add(due, wake_grid - past);
    }
    jumps_.arm(due, loop_.asleep());
    timer_.arm(due);
}

void Monitor::send_probe() {
    core_.health_score().probe_sent(loop_.now());
    core_.publish_health();
    run_probe(core_.session(), ++probe_number_);
}

detail::Detached Monitor::run_probe(std::shared_ptr<ClientSession> session, std::uint64_t number) {
    auto keep = core_.shared_from_this();
    auto round_trip = co_await session->probe(schedule_.ping_timeout() * late_answer_factor);
    if (session != core_.session() || round_trip.has_error()) co_return;
    on_probe_answer(number, *round_trip);
}

void Monitor::on_probe_answer(std::uint64_t number, Duration round_trip) {
    const TimePoint now = loop_.now();
    jury_.ping_answered();
    if (core_.health_score().missed() > 0) core_.note_answer_after_misses();
    core_.note_round_trip(round_trip);
    if (number == probe_number_ && schedule_.outstanding()) {
        schedule_.answered(now, core_.chance());
        core_.health_score().probe_ok(now, round_trip);
    } else {
        core_.health_score().call_ok(now);  // late, but somebody is there
    }
    core_.publish_health();
    core_.raise(EventType::answered);
    core_.meter().probed(ProbeEnd::ok, round_trip);
    tell("ok", round_trip);
    look(true);
    core_.waiters().wake(WaitFor::probe, Waiters::Woken::done);
    if (up_) evaluate();
}

void Monitor::on_missed() {
    const TimePoint now = loop_.now();
    core_.health_score().probe_missed(now);
    core_.publish_health();
    core_.note_missed_probe(core_.health_score().missed());
    core_.meter().probed(ProbeEnd::miss, schedule_.ping_timeout());
    tell("miss", std::nullopt);
    look(false);
    core_.waiters().wake(WaitFor::probe, Waiters::Woken::failed);
    if (!up_) return;  // a health check's caller closed the connection
    const MissVerdict verdict = jury_.missed(core_.health_score().missed());
    if (verdict == MissVerdict::ask_second_opinion) {
        schedule_.stop();  // its answer decides, pings no longer do
        ask_second_opinion(core_.session());
    } else if (verdict == MissVerdict::dead || !jury_.asking()) {
        core_.raise(EventType::probe_missed);
    }
}

/// A legacy server that never answered a ping in its life gets one list request before it is given up.
detail::Detached Monitor::ask_second_opinion(std::shared_ptr<ClientSession> session) {
    auto keep = core_.shared_from_this();
    Request request;
    const auto facts = session->facts();
    request.method = facts->capabilities.tools     ? "tools/list"
                     : facts->capabilities.prompts ? "prompts/list"
                                                   : "resources/list";
    request.options.max_total_timeout = Seconds(to_seconds(PingJury::opinion_timeout));
    auto reply = co_await session->call(std::move(request));
    if (session != core_.session()) co_return;
    if (reply || reply.error().kind() == ErrorKind::rpc_error) {
        jury_.opinion_answered();
        core_.health_score().call_ok(loop_.now());
        core_.publish_health();
        core_.raise(EventType::answered);
    } else if (jury_.opinion_failed() == MissVerdict::dead) {
        core_.note_missed_probe(core_.health_score().missed());
        core_.raise(EventType::probe_missed);
    }
}

Task<Result<bool>> Monitor::check(std::shared_ptr<CancelSlot> cancel) {
    if (!up_) co_return false;
    const TimePoint now = loop_.now();
    if (schedule_.user_probe(now)) send_probe();
    const TimePoint limit = saturating_add(now, schedule_.ping_timeout());
    if (!timer_.armed() || timer_.due() > limit) {
        arm(limit);
    }
    // One tick longer than the schedule, which decides; the timer here is only the last resort.
    Waiters::Waiter waiter(core_.waiters(), loop_, WaitFor::probe, saturating_add(limit, 50ms));
    if (cancel) cancel->set([&waiter] { waiter.cancel(); });
    const auto how = co_await waiter;
    if (cancel) cancel->clear();
    co_return how == Waiters::Woken::done;
}

void Monitor::on_success() {
    // Nothing can get better than healthy: the common case costs nothing.
    if (signal_.level() != HealthSignal::Level::healthy) look(true);
}

void Monitor::on_failure() { look(false); }

void Monitor::on_call() {
    // The schedule was armed without this call: look again when it would be overdue.
    if (!active_ || !up_ || schedule_.outstanding()) return;
    const TimePoint overdue = overdue_at(loop_.now(), core_.usual_call_time());
    if (overdue < timer_.due() || !timer_.armed()) {
        arm(overdue);
    }
}

void Monitor::look(bool success) {
    const HealthReport report = core_.health_score().report(loop_.now());
    if (!signal_.look(report, success)) return;
    const bool healthy = signal_.level() == HealthSignal::Level::healthy;
    core_.meter().health_changed(healthy);
    tell(healthy ? "healthy" : "unhealthy", std::nullopt);
}

void Monitor::tell(std::string_view outcome, std::optional<Duration> round_trip) {
    const HealthReport report = core_.health_score().report(loop_.now());
    HealthEvent event;
    event.score = report.score;
    event.limiting_factor = to_string(report.limiting);
    event.outcome = outcome;
    if (round_trip) event.rtt = to_seconds(*round_trip);
    event.generation = core_.session() ? core_.session()->generation() : 0;
    core_.emit(std::move(event));
}

}  // namespace haive::mcp
