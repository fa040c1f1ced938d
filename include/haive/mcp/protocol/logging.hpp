#pragma once

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// The levels of syslog, least severe first (*Logging*).
enum class LogLevel : std::uint8_t { debug, info, notice, warning, error, critical, alert, emergency };

[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;
[[nodiscard]] std::optional<LogLevel> parse_log_level(std::string_view text) noexcept;

/// One `notifications/message` of a server. The data is the server's: untrusted.
struct LoggingMessage {
    LogLevel level = LogLevel::info;
    std::string logger;  ///< may be empty
    RawJson data;        ///< any JSON value
    RawJson meta;

    /// The data as one text: a string's content, anything else as its JSON.
    [[nodiscard]] std::string text() const;
};

/// Strict on `level` and `data`. Errors: protocol_violation naming the field.
[[nodiscard]] Result<LoggingMessage> parse_logging_message(std::string_view raw_params);

}  // namespace haive::mcp
