#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace haive::mcp {

/// Connection status states: what the outside sees. The documented class is a string enum, so a status
/// compares equal to its text, and the texts are stable.
enum class ConnectionStatus : std::uint8_t {
    disconnected,  ///< never connected, or closed by the user
    connecting,    ///< the first attempt, or one after an error, is under way
    connected,     ///< usable
    error,         ///< the last attempt failed and none is scheduled, or trying again cannot help
    reconnecting,  ///< lost; attempts are scheduled or under way
};

[[nodiscard]] std::string_view to_string(ConnectionStatus status) noexcept;
/// The status of a text; nullopt for any other text.
[[nodiscard]] std::optional<ConnectionStatus> connection_status_from_string(std::string_view text) noexcept;

[[nodiscard]] inline bool operator==(ConnectionStatus status, std::string_view text) noexcept {
    return to_string(status) == text;
}

}  // namespace haive::mcp
