#pragma once

#include "haive/mcp/connection/connection_status.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <optional>
#include <string>

namespace haive::mcp {

class MCPClient;
class MCPTransport;

/// Information about an MCP connection: a snapshot that does not change afterwards.
///
/// `metadata` has the documented keys `connection_count`, `error_count`, `total_uptime` (seconds, the
/// live session included) and `transport_type`, and more: `phase`, `generation`, `monitoring`,
/// `limiting_factor`, `factors`, `round_trip`, `calls`, `calls_failed`, `reconnects`, `pid`, `exit_code`,
/// `exit_signal`, `stderr_tail`, `next_attempt_in`, `era`, `protocol_version`, `server_info`.
struct ConnectionInfo {
    ConnectionInfo() = default;
    std::string name;
    std::shared_ptr<const MCPTransport> transport;
    std::shared_ptr<MCPClient> client;  ///< null unless connected
    ConnectionStatus status = ConnectionStatus::disconnected;
    std::optional<double> last_connected;   ///< Unix time, seconds
    std::optional<std::string> last_error;  ///< of the newest failure; cleared by the next success
    int reconnect_attempts = 0;             ///< of the present outage; 0 once connected
    double health_score = 0.0;              ///< 0..1; 0 unless connected
    boost::json::object metadata;
};

}  // namespace haive::mcp
