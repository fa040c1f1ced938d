#include "connection/time_jump_detector.hpp"

#include <algorithm>

namespace haive::mcp {

void TimeJumpDetector::arm(TimePoint due, Duration asleep) noexcept {
    due_ = due;
    // What was slept between the last tick and now belongs to the next tick, unless this is the first.
    if (!armed_) asleep_ = asleep;
    armed_ = true;
}

TimeJump TimeJumpDetector::on_tick(TimePoint now, Duration asleep) noexcept {
    constexpr Duration longest_nap = std::chrono::seconds(5);
    constexpr Duration longest_delay = std::chrono::milliseconds(1500);
    TimeJump jump;
    if (!armed_) return jump;
    const Duration late = due_ == never || now < due_ ? Duration::zero() : now - due_;
    const Duration slept = asleep - asleep_;
    jump.stalled = late > longest_delay;
    jump.slept = slept > longest_nap;
    if (jump) jump.gap = late + std::max(Duration::zero(), slept);
    due_ = never;
    asleep_ = asleep;
    return jump;
}

}  // namespace haive::mcp
