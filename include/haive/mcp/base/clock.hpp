#pragma once

#include <chrono>

namespace haive::mcp {

/// The time of day, for display only: events, `last_connected`. Nothing decides by it (SM-12).
[[nodiscard]] inline std::chrono::system_clock::time_point wall_clock_now() noexcept {
    return std::chrono::system_clock::now();
}

}  // namespace haive::mcp
