#pragma once

#include "haive/mcp/base/time.hpp"

#include <string_view>

namespace haive::mcp {

/// How long an unused connection may wait for its next request: `configured`, or a second less than the
/// server's `Keep-Alive: timeout=N` if that is shorter, so that we close first and no request meets a server
/// that is just closing. Zero: not at all. Pure.
[[nodiscard]] Duration idle_time(std::string_view keep_alive, Duration configured) noexcept;

}  // namespace haive::mcp
