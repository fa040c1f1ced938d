#include "haive/mcp/protocol/logging.hpp"

#include "protocol/field_reader.hpp"

#include <array>

namespace haive::mcp {

namespace {
constexpr std::array<std::string_view, 8> names{"debug", "info",     "notice", "warning",
                                                "error", "critical", "alert",  "emergency"};
}  // namespace

std::string_view to_string(LogLevel level) noexcept { return names[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == text) return static_cast<LogLevel>(i);
    }
    return std::nullopt;
}

Result<LoggingMessage> parse_logging_message(std::string_view raw_params) {
    LoggingMessage out;
    bool has_level = false;
    bool has_data = false;
    FieldReader in("LoggingMessage", raw_params);
    while (in.next()) {
        if (in.is("level")) {
            std::string name;
            if (!in.text(name)) break;
            const auto level = parse_log_level(name);
            if (!level) {
                in.wrong_type("a level of syslog");
                break;
            }
            out.level = *level;
            has_level = true;
        } else if (in.is("logger")) {
            in.maybe(out.logger);
        } else if (in.is("data")) {
            has_data = in.any(out.data);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_level, "level");
    in.require(has_data, "data");
    if (in.failed()) return in.error();
    return out;
}

std::string LoggingMessage::text() const {
    std::string out;
    if (!decode_json_string(data.text(), out)) out = data.text();
    return out;
}

}  // namespace haive::mcp
