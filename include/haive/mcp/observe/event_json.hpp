#pragma once

#include "haive/mcp/observe/event.hpp"

#include <boost/json/object.hpp>

namespace haive::mcp {

/// An event as one JSON object, the line that `haive-mcp monitor --json` prints: `time` (RFC 3339, UTC),
/// `server`, `event` (`status`, `health`, `tools_changed`, `session_replaced`, `server_request`, `oddity`) and
/// its fields. Times and waits are seconds. Thread-safe.
[[nodiscard]] boost::json::object to_json(const Event& event);

}  // namespace haive::mcp
