#pragma once

#include <chrono>

namespace haive::mcp {

/// Monotonic nanoseconds. All logic uses these; wall time appears only where a person reads it (SM-12).
using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// Seconds with a fraction: the unit of every documented option (`reconnect_delay`, ...).
/// `30s`, `250ms` and `Seconds(0.25)` all convert to it.
using Seconds = std::chrono::duration<double>;

/// A moment that never comes: "no deadline".
inline constexpr TimePoint never = TimePoint::max();

/// Converts with saturation: infinite or huge values become the largest Duration.
[[nodiscard]] constexpr Duration to_duration(Seconds s) noexcept {
    constexpr double limit = 9.2e9;
    if (!(s.count() < limit)) return Duration::max();
    if (!(s.count() > -limit)) return Duration::min();
    return std::chrono::duration_cast<Duration>(s);
}

/// `t + d`, or `never` where the sum would overflow.
[[nodiscard]] constexpr TimePoint saturating_add(TimePoint t, Duration d) noexcept {
    if (d > Duration::zero() && t > never - d) return never;
    return t + d;
}

[[nodiscard]] constexpr double to_seconds(Duration d) noexcept { return std::chrono::duration<double>(d).count(); }

}  // namespace haive::mcp
