#include "guard/circuit_breaker.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace haive::mcp {

namespace {
/// What a caller is told to wait when others are trying the server already.
constexpr Duration soon = std::chrono::seconds(1);
}  // namespace

CircuitBreaker::Admission CircuitBreaker::admit(TimePoint now) {
    Admission out;
    if (state_ == BreakerState::open && now >= until_) enter(BreakerState::half_open);
    out.life = life_;
    if (state_ == BreakerState::open) {
        out.verdict = Verdict::refused;
        out.retry_after = until_ - now;
        return out;
    }
    if (state_ == BreakerState::closed) return out;
    if (!proven_) {
        out.verdict = probing_ ? Verdict::refused : Verdict::probe_first;
        out.retry_after = soon;
        probing_ = true;
        return out;
    }
    // One first, then more at a time as they come back well.
    if (trials_ > std::min(trials_passed_, options_.trial_calls - 1)) {
        out.verdict = Verdict::refused;
        out.retry_after = soon;
        return out;
    }
    ++trials_;
    return out;
}

void CircuitBreaker::succeeded(std::uint64_t life, TimePoint now) {
    if (life != life_) return;
    last_success_ = now;
    in_a_row_ = 0;
    if (state_ == BreakerState::closed) {
        count(now, false);
        forgive(now);
    } else if (state_ == BreakerState::half_open) {
        --trials_;
        if (++trials_passed_ >= options_.trial_calls) close(now);
    }
}

void CircuitBreaker::failed(std::uint64_t life, TimePoint now, double u) {
    if (life != life_) return;
    if (state_ == BreakerState::half_open) return open(now, u);
    if (state_ != BreakerState::closed) return;
    if (in_a_row_++ == 0) first_failure_ = now;
    count(now, true);
    forgive(now);
    if (too_many_failures(now)) open(now, u);
}

void CircuitBreaker::left(std::uint64_t life) {
    if (life == life_ && state_ == BreakerState::half_open && proven_) --trials_;
}

void CircuitBreaker::probed(std::uint64_t life, bool answered, TimePoint now, double u) {
    if (life != life_ || state_ != BreakerState::half_open || proven_) return;
    probing_ = false;
    if (answered) {
        proven_ = true;
    } else {
        open(now, u);
    }
}

void CircuitBreaker::proven_alive(TimePoint) {
    if (state_ == BreakerState::closed) return;
    if (state_ == BreakerState::open) enter(BreakerState::half_open);
    proven_ = true;
    probing_ = false;
}

void CircuitBreaker::reset(TimePoint now) {
    doublings_ = 0;
    close(now);
}

/// A new life: whatever was admitted before has no more to say.
void CircuitBreaker::enter(BreakerState next) noexcept {
    if (next != std::exchange(state_, next)) ++entered_[static_cast<std::size_t>(next)];
    ++life_;
    probing_ = proven_ = false;
    trials_ = trials_passed_ = 0;
}

void CircuitBreaker::open(TimePoint now, double u) {
    const double base = to_seconds(to_duration(options_.first_pause)) * std::exp2(std::min(doublings_, 30));
    const double pause = std::min(to_seconds(to_duration(options_.longest_pause)), base) * (0.5 + 0.5 * u);
    ++doublings_;
    until_ = saturating_add(now, to_duration(Seconds(pause)));
    enter(BreakerState::open);
}

void CircuitBreaker::close(TimePoint now) {
    enter(BreakerState::closed);
    closed_since_ = now;
    in_a_row_ = 0;
    window_ = {};
}

void CircuitBreaker::count(TimePoint now, bool failure) {
    const std::int64_t number = slice_at(now);
    Slice& slice = window_[static_cast<std::size_t>(number % slices)];
    if (slice.number != number) slice = Slice{number, 0, 0};
    ++slice.calls;
    if (failure) ++slice.failures;
}

bool CircuitBreaker::too_many_failures(TimePoint now) const {
    // A burst that fails within one moment, as when a connection breaks under it, is one event and not five.
    const TimePoint quiet_since = std::max(last_success_.value_or(first_failure_), first_failure_);
    if (in_a_row_ >= options_.failures_in_a_row && now - quiet_since >= to_duration(options_.quiet)) return true;
    const std::int64_t oldest = slice_at(now) - slices + 1;
    int calls = 0;
    int failures = 0;
    for (const Slice& slice : window_) {
        if (slice.number < oldest) continue;
        calls += slice.calls;
        failures += slice.failures;
    }
    return calls >= options_.least_calls && failures >= options_.failure_ratio * calls;
}

/// Each `forget_after` spent closed takes one doubling back.
void CircuitBreaker::forgive(TimePoint now) {
    const Duration step = to_duration(options_.forget_after);
    while (doublings_ > 0 && now - closed_since_ >= step) {
        --doublings_;
        closed_since_ += step;
    }
    if (doublings_ == 0) closed_since_ = now;
}

std::int64_t CircuitBreaker::slice_at(TimePoint now) const noexcept {
    return now.time_since_epoch() / (to_duration(options_.window) / slices);
}

}  // namespace haive::mcp
