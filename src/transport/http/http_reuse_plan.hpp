#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <string_view>

namespace haive::mcp {

/// What may go over a connection that was idle: the server may be closing it at this very moment, and then nobody knows
/// whether it has seen the request (P-9).
enum class IdleUse : std::uint8_t {
    harmless_twice,  ///< is then asked again
    once,            ///< would end as `maybe_executed`
};

/// How long an unused connection may wait for its next request: a second less than the server's
/// `Keep-Alive: timeout=N`, so that we close first and no request meets a server that is just closing; where it says
/// nothing, four seconds for what may be sent only once, since the usual servers close after five. Never longer than
/// `configured`. Zero: not at all. Pure.
[[nodiscard]] Duration idle_time(std::string_view keep_alive, Duration configured, IdleUse use) noexcept;

}  // namespace haive::mcp
