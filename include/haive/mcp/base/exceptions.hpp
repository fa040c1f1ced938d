#pragma once

#include "haive/mcp/base/error.hpp"

#include <stdexcept>

namespace haive::mcp {

/// Base of everything the throwing forms of the API throw. `error()` is the whole story.
///
/// The tree is the documented one: MCPError has MCPConnectionError (with MCPTimeoutError and
/// MCPTransportError below it), MCPProtocolError (with MCPCapabilityError), MCPAuthenticationError
/// and MCPToolError.
class MCPError : public std::runtime_error {
public:
    explicit MCPError(Error error) : std::runtime_error(error.to_string()), error_(std::move(error)) {}

    [[nodiscard]] const Error& error() const noexcept { return error_; }
    [[nodiscard]] const std::string& message() const noexcept { return error_.message(); }
    /// The JSON-RPC error code, where the peer gave one.
    [[nodiscard]] std::optional<int> error_code() const noexcept { return error_.details().rpc_code; }
    [[nodiscard]] Disposition disposition() const noexcept { return error_.disposition(); }

private:
    Error error_;
};

class MCPConnectionError : public MCPError {
public:
    using MCPError::MCPError;
};
class MCPTimeoutError : public MCPConnectionError {
public:
    using MCPConnectionError::MCPConnectionError;
};
class MCPTransportError : public MCPConnectionError {
public:
    using MCPConnectionError::MCPConnectionError;
};
class MCPProtocolError : public MCPError {
public:
    using MCPError::MCPError;
};
class MCPCapabilityError : public MCPProtocolError {
public:
    using MCPProtocolError::MCPProtocolError;
};
class MCPAuthenticationError : public MCPError {
public:
    using MCPError::MCPError;
};
/// A `tools/call` that the peer answered with a JSON-RPC error. (`isError` results are values, not this.)
class MCPToolError : public MCPError {
public:
    using MCPError::MCPError;
};

/// Throws the documented class for `error.kind()`.
[[noreturn]] void throw_error(const Error& error);

}  // namespace haive::mcp
