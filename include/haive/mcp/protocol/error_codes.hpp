#pragma once

/// The numbers that peers put into JSON-RPC errors (specification: *Messages › Error codes*). Our own
/// failures have no number: they are an ErrorKind, so the two can never be confused.
namespace haive::mcp::rpc_code {

// JSON-RPC 2.0
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;

// MCP, legacy: -32000..-32019 have no meaning that one may rely on, but for this one on resources/read.
inline constexpr int resource_not_found = -32002;
/// 2025-11-25 only: the answer needs a URL elicitation first; `data.elicitations` says which.
inline constexpr int url_elicitation_required = -32042;
/// What a client answers when its user refused (*Sampling*, legacy).
inline constexpr int user_rejected = -1;

// MCP 2026-07-28: -32020..-32099 are reserved to the specification.
inline constexpr int header_mismatch = -32020;
inline constexpr int missing_client_capability = -32021;
inline constexpr int unsupported_protocol_version = -32022;

/// Whether `code` says that a resource does not exist. The modern era says it with invalid_params.
[[nodiscard]] constexpr bool means_resource_not_found(int code) noexcept {
    return code == resource_not_found || code == invalid_params;
}

}  // namespace haive::mcp::rpc_code
