#pragma once

#include "haive/mcp/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace haive::mcp {

/// The connection changed its status or its phase.
struct StatusEvent {
    StatusEvent() = default;
    std::string_view from;  ///< public status before (`connected`, ...)
    std::string_view to;
    std::string_view phase;  ///< internal phase now
    std::uint64_t generation = 0;
    std::int64_t pid = 0;                   ///< stdio: the child now, or the one that was lost
    std::string reason;                     ///< one line for a person
    int attempt = 0;                        ///< of this outage, the one that is waited for included; 0 once connected
    std::optional<double> next_attempt_in;  ///< seconds
};

/// A probe ended, or the health signal crossed a line.
struct HealthEvent {
    HealthEvent() = default;
    double score = 0;
    std::string_view limiting_factor;
    std::string_view outcome;   ///< `ok`, `miss`, `inconclusive`, `healthy`, `unhealthy`
    std::optional<double> rtt;  ///< seconds
    std::uint64_t generation = 0;
};

/// The server's tools (or prompts, resources) changed, or may have.
struct CatalogueEvent {
    CatalogueEvent() = default;
    std::string_view what;  ///< `tools`, `prompts`, `resources`
    std::uint64_t generation = 0;
};

/// A new session or process took the place of the old one: its memory is gone.
struct SessionReplacedEvent {
    SessionReplacedEvent() = default;
    std::uint64_t generation = 0;
};

/// The server asked the client for something (legacy era): `roots/list`, `sampling/createMessage`...
struct ServerRequestEvent {
    ServerRequestEvent() = default;
    std::string_view method;  ///< bounded, untrusted
    std::uint64_t generation = 0;
};

/// The server did something odd that was survived: junk on stdout, a message over the cap, a late answer.
struct OddityEvent {
    OddityEvent() = default;
    std::string_view kind;
    std::string text;  ///< bounded, untrusted
};

/// Something happened on one connection. Views live until the sink returns.
struct Event {
    Event() = default;
    TimePoint time{};
    std::chrono::system_clock::time_point wall_time{};  ///< for display only
    std::string_view server;
    std::variant<StatusEvent, HealthEvent, CatalogueEvent, SessionReplacedEvent, ServerRequestEvent, OddityEvent> what;
};

/// Where events go. Called on the loop's thread, in order; must be quick and must not throw.
class EventSink {
public:
    virtual ~EventSink() = default;
    virtual void on_event(const Event& event) noexcept = 0;
};

}  // namespace haive::mcp
