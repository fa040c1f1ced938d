#pragma once

#include "haive/mcp/base/time.hpp"

namespace haive::mcp {

/// What a tick found out about the time since it was armed.
struct TimeJump {
    bool stalled = false;  ///< it came more than 1.5 s late: the loop or the host stood still
    bool slept = false;    ///< the host was suspended for more than 5 s
    Duration gap{};        ///< the time that nobody lived through; zero without a jump

    [[nodiscard]] explicit operator bool() const noexcept { return stalled || slept; }
};

/// Notices that time went on without us (SM-15): misses in the gap do not count and each connection is
/// probed once. Pure. It rides on the timer that there is anyway instead of ticking every second, so an
/// idle connection costs nothing for it.
class TimeJumpDetector {
public:
    /// The next tick is meant for `due`; `asleep` is how long the host has been suspended since its boot
    /// (CLOCK_BOOTTIME - CLOCK_MONOTONIC; zero where the system does not say).
    void arm(TimePoint due, Duration asleep) noexcept;
    /// A tick, due or early. Reports each jump once.
    [[nodiscard]] TimeJump on_tick(TimePoint now, Duration asleep) noexcept;

private:
    TimePoint due_ = never;
    Duration asleep_{};
    bool armed_ = false;
};

}  // namespace haive::mcp
