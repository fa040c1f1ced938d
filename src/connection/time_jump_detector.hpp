#pragma once

#include "haive/mcp/base/time.hpp"

namespace haive::mcp {

/// What one housekeeping tick found out about the time since the last one.
struct TimeJump {
    bool stalled = false;  ///< the tick came more than 1.5 ticks late: the loop or host stood still
    bool slept = false;    ///< the host was suspended for more than 5 s
    Duration gap{};        ///< the time that nobody lived through; zero without a jump

    [[nodiscard]] explicit operator bool() const noexcept { return stalled || slept; }
};

/// Notices that time went on without us (SM-15): misses in the gap do not count, idle sockets are
/// dropped, and each connection is probed once. Pure; ticked every `tick`.
class TimeJumpDetector {
public:
    explicit TimeJumpDetector(Duration tick = std::chrono::seconds(1)) noexcept : tick_(tick) {}

    /// `asleep`: CLOCK_BOOTTIME - CLOCK_MONOTONIC, the time the host has slept since it was booted;
    /// zero where the system does not say.
    [[nodiscard]] TimeJump on_tick(TimePoint now, Duration asleep) noexcept;

private:
    Duration tick_;
    TimePoint expected_ = never;  ///< `never` before the first tick
    Duration asleep_{};
};

}  // namespace haive::mcp
