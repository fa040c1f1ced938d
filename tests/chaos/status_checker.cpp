#include "chaos/status_checker.hpp"

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

namespace {

std::optional<Phase> phase_of(std::string_view text) {
    for (int i = 0; i <= static_cast<int>(Phase::auth_wait); ++i) {
        if (to_string(static_cast<Phase>(i)) == text) return static_cast<Phase>(i);
    }
    return std::nullopt;
}

std::string_view status_of(Phase phase, std::string_view given) {
    switch (phase) {
        case Phase::idle:
        case Phase::closing: return "disconnected";
        case Phase::opening:
        case Phase::handshaking: return given == "reconnecting" ? given : "connecting";
        case Phase::ready:
        case Phase::suspect:
        case Phase::draining: return "connected";
        case Phase::backoff:
        case Phase::gated: return "reconnecting";
        default: return "error";
    }
}

bool is_up(Phase phase) { return phase == Phase::ready || phase == Phase::suspect || phase == Phase::draining; }

std::string step(Phase from, EventType cause, Phase to) {
    return std::string(to_string(from)) + " -(" + std::string(to_string(cause)) + ")-> " + std::string(to_string(to));
}

}  // namespace

StatusChecker::StatusChecker(std::shared_ptr<Wire> wire, const ConnectionOptions& options)
    : wire_(std::move(wire)), options_(options), episode_(options), since_(wire_->agenda.now()) {}

StatusChecker::Asking::Asking(StatusChecker& checker, EventType what)
    : checker_(checker), before_(std::exchange(checker.asked_, what)) {
    if (what == EventType::start_monitoring) checker.monitoring_ = true;
    if (what == EventType::stop_monitoring) checker.monitoring_ = false;
    if (what == EventType::disconnect) {
        checker.desired_ = false;
        checker.was_connected_ = false;
        checker.episode_.start_over();  // also where the phase stays as it is
    }
}

/// The event behind a change: what a user asks just now if the table allows it, else what the wire tells.
EventType StatusChecker::cause_of(Phase from, Phase to) const {
    if (asked_ && transition_allowed(from, *asked_, to)) return *asked_;
    const TimePoint now = wire_->agenda.now();
    const bool same_moment = now == since_;
    const bool early = next_attempt_ != never && now < next_attempt_ - 1us;
    if (to == Phase::gated && (from == Phase::exhausted || early)) return EventType::wanted;
    const auto internal = {EventType::opened,   EventType::handshake_ok, EventType::attempt_failed,
                           EventType::answered, EventType::backoff_due,  EventType::revive_due};
    for (const EventType type : internal) {
        if (transition_allowed(from, type, to)) return type;
    }
    if (from == Phase::gated && to == Phase::opening) return same_moment ? EventType::granted : EventType::closed;
    if (transition_allowed(from, EventType::closed, to)) return EventType::closed;
    if (wire_->losing && transition_allowed(from, EventType::lost, to)) return EventType::lost;
    return EventType::probe_missed;
}

bool StatusChecker::engine_active() const {
    return options_.auto_reconnect && options_.max_reconnect_attempts != 0 && desired_ &&
           (was_connected_ || monitoring_);
}

void StatusChecker::on_status(const StatusEvent& event) {
    const TimePoint now = wire_->agenda.now();
    const Phase from = phase_;
    const auto to = phase_of(event.phase);
    wire_->note(event.phase, static_cast<std::int64_t>(event.generation), event.reason);
    if (!to) {
        wire_->fail("unknown phase '" + std::string(event.phase) + "'");
        return;
    }
    const EventType cause = cause_of(from, *to);
    const std::string what = step(from, cause, *to);
    if (event.from != status_)
        wire_->fail(what + ": from status " + std::string(event.from) + ", it was " + std::string(status_));
    if (event.to != status_of(*to, event.to)) wire_->fail(what + ": status " + std::string(event.to));
    if (!transition_allowed(from, cause, *to)) wire_->fail("transition not in the table: " + what);
    check_generation(*to, event);
    check_episode(from, cause, *to, event);
    follow_wishes(from, cause, *to);
    count(from, cause, *to);

    const bool came = coming();
    phase_ = *to;
    if (!came && coming()) coming_since_ = now;
    if (*to == Phase::opening) attempt_at_ = now;
    status_ = to_string(*connection_status_from_string(event.to));
    since_ = now;
    next_attempt_ =
        *to == Phase::backoff && event.next_attempt_in ? now + to_duration(Seconds(*event.next_attempt_in)) : never;
    if (is_up(*to) && !is_up(from)) {
        connected_since_ = now;
        answered_ = false;
    }
}

void StatusChecker::on_health(const HealthEvent& event) {
    if (event.outcome == "ok" && event.generation == generation_) answered_ = true;
    if (event.outcome == "ok") misses_ = 0;
    if (event.outcome == "miss") ++misses_;
    if (!(event.score >= 0 && event.score <= 1)) wire_->fail("a score of " + std::to_string(event.score) + " (H-2)");
    wire_->note(event.outcome, static_cast<std::int64_t>(event.score * 1e6), event.limiting_factor);
}

void StatusChecker::check_generation(Phase to, const StatusEvent& event) {
    if (event.generation < generation_) wire_->fail("the generation fell");
    if (to == Phase::opening && event.generation != generation_ + 1) wire_->fail("an attempt without a new generation");
    generation_ = event.generation;
    wire_->generation = generation_;
}

void StatusChecker::check_episode(Phase from, EventType cause, Phase to, const StatusEvent& event) {
    const TimePoint now = wire_->agenda.now();
    const std::string what = step(from, cause, to);
    const int most = options_.max_reconnect_attempts;
    if (most >= 0 && event.attempt > most) wire_->fail(what + ": attempt " + std::to_string(event.attempt) + " (SM-7)");
    // After a jump the end of stable_uptime may come after what came later in truth: both counts are right.
    const bool surely_answered = answered_ && now != frozen_until_;
    if (is_up(from) && !is_up(to)) episode_.leave_connected(now - connected_since_, surely_answered);

    if (cause == EventType::disconnect || cause == EventType::revive_due) episode_.start_over();
    if (to == Phase::opening &&
        (cause == EventType::connect || cause == EventType::start_monitoring || from == Phase::closing)) {
        episode_.start_over();
    }
    if (to == Phase::gated) woken_ = cause == EventType::wanted;
    if (from == Phase::gated && to == Phase::opening && !woken_ && !episode_.attempt()) {
        wire_->fail("one attempt more than the maximum of " + std::to_string(most));
    }
    if (to == Phase::exhausted && !episode_.exhaust()) wire_->fail(what + ": attempts were left");
    if (to == Phase::backoff) {
        const double delay = event.next_attempt_in.value_or(-1);
        if (!episode_.schedule(to_duration(Seconds(delay)))) {
            wire_->fail(what + ": a delay of " + std::to_string(delay) + " s fits no count of attempts (B-1, B-2)");
            episode_.start_over();
        }
    }
    if (cause == EventType::probe_missed && !is_up(to) && misses_ < options_.dead_after) {
        wire_->fail(what + ": given up after " + std::to_string(misses_) + " misses in a row (T14)");
    }
    if (to == Phase::ready) misses_ = 0;
    const bool engine = engine_active();
    if (to == Phase::failed && engine) wire_->fail(what + ": gave up while it should go on (SM-11)");
    if ((to == Phase::backoff || to == Phase::exhausted) && !engine) {
        wire_->fail(what + ": goes on although nobody wants it");
    }
    const Duration off = cause == EventType::backoff_due ? now - next_attempt_ : 0ns;
    constexpr Duration rounding = 1us;  // the announcement is in seconds, as a double
    if ((off < -rounding || off > rounding) && now != frozen_until_) {
        wire_->fail(what + ": " + std::to_string(to_seconds(off)) + " s after the announced moment");
    }
}

/// What the users want, as far as the rules of the engine ask (1.1, SM-13).
void StatusChecker::follow_wishes(Phase from, EventType cause, Phase to) {
    if (to == Phase::opening && from != Phase::gated) {
        const bool afresh =
            cause == EventType::connect || cause == EventType::start_monitoring || from == Phase::closing;
        if (afresh) was_connected_ = false;
        desired_ = true;
    }
    if (is_up(to)) was_connected_ = true;
}

void StatusChecker::count(Phase from, EventType cause, Phase to) {
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        const Transition& row = transitions[i];
        if (row.from == from && row.event == cause && row.to == to) ++wire_->report.coverage.walked[i];
    }
    if (to == Phase::opening) ++wire_->report.coverage.attempts;
    if (to == Phase::ready && from != Phase::suspect) ++wire_->report.coverage.connections;
}

}  // namespace haive::mcp::chaos
