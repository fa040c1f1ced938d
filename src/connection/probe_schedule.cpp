#include "connection/probe_schedule.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

using namespace std::chrono_literals;

constexpr Duration silence = 5s;           // H-12, H-13: no inbound byte for so long
constexpr Duration longest_excuse = 300s;  // H-14
constexpr Duration wake_spread = 5s;       // SM-15

Duration usable(Seconds value, Duration fallback) noexcept {
    return value.count() > 0 ? std::clamp<Duration>(to_duration(value), 1us, 24h * 365) : fallback;
}

Duration times(Duration d, double factor) noexcept {
    return Duration(static_cast<Duration::rep>(static_cast<double>(d.count()) * factor));
}

TimePoint latest(TimePoint a, TimePoint b, TimePoint c) noexcept { return std::max(a, std::max(b, c)); }

}  // namespace

ProbeSchedule::ProbeSchedule(const ProbeScheduleOptions& options) noexcept
    : interval_(usable(options.health_check_interval, 30s)),
      timeout_(usable(options.ping_timeout, std::min<Duration>(10s, interval_ / 2))),
      reprobe_(usable(options.reprobe, std::min(interval_, std::max<Duration>(1s, interval_ / 6)))) {}

void ProbeSchedule::start(TimePoint now, std::uint64_t phase) noexcept {
    const auto offset = phase % static_cast<std::uint64_t>(interval_.count());
    due_ = saturating_add(now, Duration(static_cast<Duration::rep>(offset)));
    sent_ = concluded_ = now;
    excused_since_ = never;
    outcome_ = Outcome::none;
    running_ = first_ = true;
    outstanding_ = false;
}

void ProbeSchedule::stop() noexcept {
    running_ = outstanding_ = false;
    due_ = never;
}

ProbeStep ProbeSchedule::next(const ProbeFacts& facts, TimePoint now, double u) noexcept {
    if (outstanding_) {
        const TimePoint end = saturating_add(sent_, timeout_);
        if (now < end) return {ProbeAction::wait, end};
        return conclude(facts, now, u);
    }
    if (!running_) return {};
    ProbeStep step = earliest(facts);
    if (now < step.until) return step;
    if (step.reason == ProbeReason::periodic && skips(facts, now)) {
        ++skipped_;
        // Not a whole period later, which would stretch detection; and four at most (H-12).
        due_ = std::min(saturating_add(facts.last_response, period(u)), saturating_add(sent_, 4 * interval_));
        step = earliest(facts);
        if (now < step.until) return step;
    }
    return send(now, step.reason);
}

void ProbeSchedule::answered(TimePoint now, double u) noexcept {
    if (!outstanding_) return;
    outstanding_ = false;
    outcome_ = Outcome::answered;
    concluded_ = now;
    if (running_) due_ = saturating_add(now, period(u));
}

bool ProbeSchedule::user_probe(TimePoint now) noexcept {
    if (outstanding_) return false;
    (void)send(now, ProbeReason::none);
    return true;
}

bool ProbeSchedule::time_jumped(TimePoint now, double u) noexcept {
    const bool dropped = outstanding_;
    outstanding_ = false;
    if (dropped) {
        outcome_ = Outcome::none;
        concluded_ = now;
    }
    if (running_) {
        due_ = saturating_add(now, times(wake_spread, u));
        first_ = true;  // whatever was heard before the jump proves nothing now
    }
    return dropped;
}

ProbeStep ProbeSchedule::send(TimePoint now, ProbeReason reason) noexcept {
    sent_ = now;
    outstanding_ = true;
    first_ = false;
    return {ProbeAction::probe_now, saturating_add(now, timeout_), reason};
}

ProbeStep ProbeSchedule::conclude(const ProbeFacts& facts, TimePoint now, double u) noexcept {
    const bool busy = excused(facts, now);
    outstanding_ = false;
    outcome_ = busy ? Outcome::inconclusive : Outcome::missed;
    concluded_ = now;
    if (running_) due_ = saturating_add(now, period(u));  // after a miss, earliest() is sooner
    const TimePoint again = running_ ? earliest(facts).until : never;
    return {busy ? ProbeAction::inconclusive : ProbeAction::missed, again};
}

bool ProbeSchedule::excused(const ProbeFacts& facts, TimePoint now) noexcept {
    if (!excused_as_busy(facts, sent_, now)) return false;
    if (excused_since_ == never || facts.last_response > excused_since_) excused_since_ = sent_;
    return now < saturating_add(excused_since_, longest_excuse);
}

/// The earliest reason to probe and its time.
ProbeStep ProbeSchedule::earliest(const ProbeFacts& facts) const noexcept {
    ProbeStep step{ProbeAction::wait, due_, ProbeReason::periodic};
    const auto consider = [&](TimePoint at, ProbeReason reason) {
        if (at < step.until || (at == step.until && step.reason == ProbeReason::periodic)) {
            step.until = at;
            step.reason = reason;
        }
    };
    const bool weak = outcome_ == Outcome::answered && facts.below_threshold;
    if (weak || outcome_ == Outcome::missed) {
        consider(saturating_add(concluded_, reprobe_), ProbeReason::reprobe);
    }
    consider(early_at(facts), ProbeReason::early);
    return step;
}

TimePoint ProbeSchedule::early_at(const ProbeFacts& facts) const noexcept {
    if (facts.overdue_at == never) return never;
    // A serial peer that is busy has been asked already; its pipe need not fill up with probes.
    const Duration spacing = outcome_ == Outcome::inconclusive ? interval_ : reprobe_;
    return latest(facts.overdue_at, saturating_add(facts.last_byte, silence),
                  outcome_ == Outcome::none ? TimePoint::min() : saturating_add(concluded_, spacing));
}

/// The connection proved itself lately, so that this tick need not (H-12).
bool ProbeSchedule::skips(const ProbeFacts& facts, TimePoint now) const noexcept {
    if (first_) return false;
    const bool silent_call = facts.oldest_sent != never && now - std::max(facts.oldest_sent, facts.last_byte) > silence;
    return !silent_call && now - facts.last_response < times(interval_, 0.9);
}

Duration ProbeSchedule::period(double u) const noexcept {
    return times(interval_, 0.9 + 0.2 * std::clamp(u, 0.0, 1.0));
}

TimePoint overdue_at(TimePoint sent, Duration p95) noexcept {
    const Duration twice = p95 > Duration::max() / 2 ? Duration::max() : 2 * p95;
    return saturating_add(sent, std::max<Duration>(silence, twice));
}

bool excused_as_busy(const ProbeFacts& facts, TimePoint probe_sent, TimePoint now) noexcept {
    if (!facts.serial_peer || !facts.peer_running || facts.oldest_sent > probe_sent) return false;
    return now < std::min(facts.oldest_deadline, saturating_add(facts.oldest_sent, longest_excuse));
}

void PingJury::ping_answered() noexcept {
    support_ = PingSupport::supported;
    asked_ = false;
}

MissVerdict PingJury::missed(int misses_in_a_row) noexcept {
    if (asked_ || passive() || misses_in_a_row < dead_after_) return MissVerdict::probe_again;
    if (!legacy_ || support_ == PingSupport::supported) return MissVerdict::dead;
    asked_ = true;
    return MissVerdict::ask_second_opinion;
}

void PingJury::opinion_answered() noexcept {
    if (asked_ && support_ == PingSupport::unknown) support_ = PingSupport::unsupported;
    asked_ = false;
}

MissVerdict PingJury::opinion_failed() noexcept {
    const bool pending = asked_;
    asked_ = false;
    return pending && support_ == PingSupport::unknown ? MissVerdict::dead : MissVerdict::probe_again;
}

}  // namespace haive::mcp
