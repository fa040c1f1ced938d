#include "haive/mcp/base/exceptions.hpp"

#include "haive/mcp/base/result.hpp"

namespace haive::mcp {

namespace {

/// Whatever was wrong with the handshake, connecting failed: documented as a connection error.
bool is_failed_connect(const Error& error) {
    return error.details().of_attempt &&
           (error.kind() == ErrorKind::rpc_error || error.kind() == ErrorKind::protocol_violation ||
            error.kind() == ErrorKind::capability_missing || error.kind() == ErrorKind::response_too_large);
}

}  // namespace

void throw_error(const Error& error) {
    if (is_failed_connect(error)) throw MCPConnectionError(error);
    switch (error.kind()) {
        case ErrorKind::deadline_exceeded:
        case ErrorKind::idle_timeout:
        case ErrorKind::acquire_timeout: throw MCPTimeoutError(error);
        case ErrorKind::connection_lost:
        case ErrorKind::queue_full: throw MCPTransportError(error);
        case ErrorKind::not_connected:
        case ErrorKind::circuit_open:
        case ErrorKind::rate_limited:
        case ErrorKind::session_lost:
        case ErrorKind::server_unavailable:
        case ErrorKind::shutdown:
        case ErrorKind::invalid_command:
        case ErrorKind::no_common_version: throw MCPConnectionError(error);
        case ErrorKind::auth_required: throw MCPAuthenticationError(error);
        case ErrorKind::capability_missing:
        case ErrorKind::method_not_in_era: throw MCPCapabilityError(error);
        case ErrorKind::rpc_error:
            if (error.details().operation.starts_with("tools/call")) throw MCPToolError(error);
            throw MCPProtocolError(error);
        case ErrorKind::protocol_violation:
        case ErrorKind::response_too_large:
        case ErrorKind::encode_error: throw MCPProtocolError(error);
        case ErrorKind::cancelled:
        case ErrorKind::invalid_config: break;
    }
    throw MCPError(error);
}

void throw_exception_from_error(const Error& error, const boost::source_location&) { throw_error(error); }

}  // namespace haive::mcp
