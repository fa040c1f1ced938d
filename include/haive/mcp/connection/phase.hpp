#pragma once

#include <cstdint>
#include <string_view>

namespace haive::mcp {

/// The inner state of a connection, from which the public status is derived.
enum class Phase : std::uint8_t {
    idle,         ///< disconnected; no transport, no timer
    closing,      ///< disconnected; a transport that is being closed
    opening,      ///< connecting or reconnecting; a transport on its way
    handshaking,  ///< connecting or reconnecting; an open transport, nothing agreed yet
    ready,        ///< connected; transport and client
    suspect,      ///< connected; the same, but a probe was missed: still usable
    draining,     ///< connected; the same, no new calls
    backoff,      ///< reconnecting; a timer to the next attempt
    gated,        ///< reconnecting; due, waiting for leave to open
    failed,       ///< error; nothing: the last attempt failed, none is scheduled
    exhausted,    ///< error; nothing (or the revival timer): all attempts are used up
    fatal,        ///< error; nothing: trying again cannot help
    auth_wait,    ///< error; nothing: credentials are needed
};

[[nodiscard]] std::string_view to_string(Phase phase) noexcept;

}  // namespace haive::mcp
