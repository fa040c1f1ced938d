#include "cli/log_sink.hpp"

#include "cli/terminal.hpp"
#include "haive/mcp/exporters/redaction.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace haive::mcp::cli {

namespace {

class LogSink final : public EventSink {
public:
    LogSink(const std::string& level, bool colours)
        : log_("haive-mcp", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
                                colours ? spdlog::color_mode::automatic : spdlog::color_mode::never)) {
        log_.set_level(spdlog::level::from_str(level));
        log_.set_pattern("%H:%M:%S.%e %^%-5l%$ %v");
    }

    void on_event(const Event& event) noexcept override {
        std::visit([&](const auto& what) { write(event.server, what); }, event.what);
    }

private:
    void write(std::string_view server, const StatusEvent& e) {
        const auto level = e.to == "error" || e.to == "reconnecting" ? spdlog::level::warn : spdlog::level::info;
        log_.log(e.from == e.to ? spdlog::level::debug : level, "{}: {} -> {} ({}){}{}", server, e.from, e.to, e.phase,
                 e.reason.empty() ? "" : ": ", shown(e.reason));
    }
    void write(std::string_view server, const HealthEvent& e) {
        const bool edge = e.outcome == "unhealthy" || e.outcome == "miss";
        log_.log(edge ? spdlog::level::warn : spdlog::level::debug, "{}: health {} score {:.2f}, limited by {}", server,
                 e.outcome, e.score, e.limiting_factor);
    }
    void write(std::string_view server, const CatalogueEvent& e) { log_.info("{}: {} changed", server, e.what); }
    void write(std::string_view server, const SessionReplacedEvent& e) {
        log_.info("{}: a new session took over (generation {})", server, e.generation);
    }
    void write(std::string_view server, const ServerRequestEvent& e) {
        log_.debug("{}: asks for {}", server, shown(e.method));
    }
    void write(std::string_view server, const OddityEvent& e) {
        if (is_own_kind(e.kind)) {
            log_.warn("{}: {}: {}", server, e.kind, shown(e.text));
        } else if (log_.should_log(spdlog::level::debug)) {
            log_.debug("{}: {}: {}", server, e.kind, shown(e.text));
        } else {
            // What a server wrote may be a secret in no known shape.
            log_.info("{}: {}, {} bytes (--log debug shows them)", server, e.kind, e.text.size());
        }
    }
    /// A text that may come from a server: no secrets of known shapes, no power over the terminal, one line.
    static std::string shown(std::string_view text) { return without_controls(redacted(text)); }

    spdlog::logger log_;
};

}  // namespace

std::shared_ptr<EventSink> make_log_sink(const std::string& level, bool colours) {
    return std::make_shared<LogSink>(level, colours);
}

}  // namespace haive::mcp::cli
