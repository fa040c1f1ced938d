#pragma once

#include <chrono>
#include <string>

namespace haive::mcp {

/// `2026-01-31T12:00:00.123Z`
[[nodiscard]] std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace haive::mcp
