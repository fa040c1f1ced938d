#include "connection/time_jump_detector.hpp"

#include <algorithm>

namespace haive::mcp {

TimeJump TimeJumpDetector::on_tick(TimePoint now, Duration asleep) noexcept {
    constexpr Duration longest_nap = std::chrono::seconds(5);
    TimeJump jump;
    if (expected_ != never) {
        const Duration late = now - expected_;
        const Duration slept = asleep - asleep_;
        jump.stalled = 2 * late > 3 * tick_;
        jump.slept = slept > longest_nap;
        if (jump) jump.gap = std::max(Duration::zero(), late) + std::max(Duration::zero(), slept);
    }
    expected_ = saturating_add(now, tick_);
    asleep_ = asleep;
    return jump;
}

}  // namespace haive::mcp
