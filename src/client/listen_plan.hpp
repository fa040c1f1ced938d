#pragma once

#include "client/standing_wishes.hpp"
#include "haive/mcp/base/time.hpp"
#include "haive/mcp/protocol/capabilities.hpp"

#include <string>
#include <string_view>

namespace haive::mcp {

// How a modern server is listened to (MCP 2026-07-28, *Subscriptions*). Pure.

/// The `notifications` object of `subscriptions/listen`: every change that the server offers to announce, and the
/// wished resources. Empty when there is nothing to listen to.
[[nodiscard]] std::string listen_filter(const ServerCapabilities& offered, const StandingWishes& wishes);

/// What of `filter` the server did not take on, for people; empty when it took on all.
[[nodiscard]] std::string not_honoured(std::string_view filter, std::string_view acknowledged_params);

/// Before listening again: 1 s, doubled with each failure in a row up to a minute, up to half of it taken off.
/// `u` uniform in [0, 1).
[[nodiscard]] Duration pause_before_listening(int failures, double u) noexcept;

/// How long a server may take to say that it listens.
inline constexpr Duration acknowledge_within = std::chrono::seconds(10);

}  // namespace haive::mcp
