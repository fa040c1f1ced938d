#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/protocol/caller.hpp"

#include <cstdint>

namespace haive::mcp {

/// What the end of a call says about the server behind it (3.2).
enum class ServerSign : std::uint8_t {
    alive,    ///< it answered: well, with an error of its own, or with one of JSON-RPC
    failing,  ///< it broke, or kept silent for long
    none,     ///< the call was refused, given up or never left
};

/// `waited` is the time between the call and its end. A short deadline that ran out says nothing; neither does a call
/// that met a connection under repair, nor one that the server asked to come later.
[[nodiscard]] inline ServerSign sign_of(const Result<Reply>& result, Duration waited) {
    constexpr Duration shortest_blameable_wait = std::chrono::seconds(5);
    if (result.has_value()) return ServerSign::alive;
    const Error& error = result.error();
    switch (error.kind()) {
        case ErrorKind::rpc_error:
        case ErrorKind::response_too_large: return ServerSign::alive;
        case ErrorKind::idle_timeout:
        case ErrorKind::deadline_exceeded:
            return waited >= shortest_blameable_wait && error.disposition() != Disposition::not_sent
                       ? ServerSign::failing
                       : ServerSign::none;
        case ErrorKind::server_unavailable: return error.details().retry_after ? ServerSign::none : ServerSign::failing;
        case ErrorKind::connection_lost:
            return error.disposition() == Disposition::not_sent ? ServerSign::none : ServerSign::failing;
        case ErrorKind::protocol_violation: return ServerSign::failing;
        default: return ServerSign::none;
    }
}

}  // namespace haive::mcp
