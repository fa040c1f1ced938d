#pragma once

#include "haive/mcp/base/error.hpp"

namespace haive::mcp::cli {

/// What the command promises to scripts (docs/guide/command.md).
enum ExitCode : int {
    exit_ok = 0,
    exit_tool_error = 1,  ///< the tool said `isError`
    exit_usage = 2,       ///< usage or configuration
    exit_connection = 3,  ///< could not connect, or the connection was lost
    exit_timeout = 4,
    exit_protocol = 5,
    exit_refused = 6,  ///< authorization
    exit_interrupted = 130,
};

[[nodiscard]] constexpr ExitCode exit_code_of(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::deadline_exceeded:
        case ErrorKind::idle_timeout:
        case ErrorKind::acquire_timeout: return exit_timeout;
        case ErrorKind::auth_required: return exit_refused;
        case ErrorKind::invalid_config: return exit_usage;
        case ErrorKind::cancelled: return exit_interrupted;
        case ErrorKind::protocol_violation:
        case ErrorKind::response_too_large:
        case ErrorKind::rpc_error:
        case ErrorKind::encode_error:
        case ErrorKind::no_common_version:
        case ErrorKind::capability_missing:
        case ErrorKind::method_not_in_era: return exit_protocol;
        case ErrorKind::not_connected:
        case ErrorKind::queue_full:
        case ErrorKind::circuit_open:
        case ErrorKind::rate_limited:
        case ErrorKind::connection_lost:
        case ErrorKind::session_lost:
        case ErrorKind::server_unavailable:
        case ErrorKind::shutdown:
        case ErrorKind::invalid_command: return exit_connection;
    }
    return exit_connection;
}

}  // namespace haive::mcp::cli
