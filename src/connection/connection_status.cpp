#include "haive/mcp/connection/connection_status.hpp"

#include "connection/connection_machine.hpp"
#include "haive/mcp/connection/phase.hpp"

namespace haive::mcp {

std::string_view to_string(ConnectionStatus status) noexcept {
    switch (status) {
        case ConnectionStatus::disconnected: return "disconnected";
        case ConnectionStatus::connecting: return "connecting";
        case ConnectionStatus::connected: return "connected";
        case ConnectionStatus::error: return "error";
        case ConnectionStatus::reconnecting: return "reconnecting";
    }
    return "error";
}

std::optional<ConnectionStatus> connection_status_from_string(std::string_view text) noexcept {
    using enum ConnectionStatus;
    for (const ConnectionStatus status : {disconnected, connecting, connected, error, reconnecting}) {
        if (to_string(status) == text) return status;
    }
    return std::nullopt;
}

std::string_view to_string(Phase phase) noexcept {
    switch (phase) {
        case Phase::idle: return "idle";
        case Phase::closing: return "closing";
        case Phase::opening: return "opening";
        case Phase::handshaking: return "handshaking";
        case Phase::ready: return "ready";
        case Phase::suspect: return "suspect";
        case Phase::draining: return "draining";
        case Phase::backoff: return "backoff";
        case Phase::gated: return "gated";
        case Phase::failed: return "failed";
        case Phase::exhausted: return "exhausted";
        case Phase::fatal: return "fatal";
        case Phase::auth_wait: return "auth_wait";
    }
    return "unknown";
}

std::string_view to_string(EventType type) noexcept {
    switch (type) {
        case EventType::connect: return "connect()";
        case EventType::reconnect: return "reconnect()";
        case EventType::disconnect: return "disconnect()";
        case EventType::start_monitoring: return "start_monitoring()";
        case EventType::stop_monitoring: return "stop_monitoring()";
        case EventType::opened: return "opened";
        case EventType::handshake_ok: return "handshake ok";
        case EventType::attempt_failed: return "attempt failed";
        case EventType::lost: return "transport lost";
        case EventType::session_lost: return "session lost";
        case EventType::probe_missed: return "probe missed";
        case EventType::answered: return "answer seen";
        case EventType::backoff_due: return "delay over";
        case EventType::granted: return "leave granted";
        case EventType::stable_due: return "stable_uptime over";
        case EventType::revive_due: return "revive_after over";
        case EventType::closed: return "transport closed";
        case EventType::drain: return "drain";
        case EventType::credentials_changed: return "credentials changed";
        case EventType::wanted: return "call";
    }
    return "unknown";
}

}  // namespace haive::mcp
