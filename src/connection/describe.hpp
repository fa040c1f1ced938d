#pragma once

#include "connection/connection_record.hpp"
#include "haive/mcp/connection/connection_info.hpp"
#include "haive/mcp/connection/explanation.hpp"
#include "haive/mcp/connection/health.hpp"

#include <boost/json/object.hpp>

namespace haive::mcp {

// A connection's record in the forms that users see. Pure: the same record gives the same words.

[[nodiscard]] ConnectionInfo describe_info(const ConnectionRecord& record, const HealthReport& health,
                                           const std::string& name, const MCPTransport& transport, TimePoint now);
/// The documented keys of `health_check()` and more; without `error`.
[[nodiscard]] boost::json::object describe_health(const ConnectionRecord& record, const HealthReport& health,
                                                  const std::string& name, const MCPTransport& transport,
                                                  TimePoint now);
[[nodiscard]] Explanation describe_state(const ConnectionRecord& record, const HealthReport& health,
                                         const std::string& name, const MCPTransport& transport, TimePoint now);
/// Why there is no client to be had.
[[nodiscard]] Error not_connected_error(const ConnectionRecord& record, const std::string& name, TimePoint now);

}  // namespace haive::mcp
