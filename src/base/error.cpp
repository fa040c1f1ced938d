#include "haive/mcp/base/error.hpp"

#include <array>
#include <cstdio>

namespace haive::mcp {

std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::not_connected: return "not_connected";
        case ErrorKind::queue_full: return "queue_full";
        case ErrorKind::acquire_timeout: return "acquire_timeout";
        case ErrorKind::circuit_open: return "circuit_open";
        case ErrorKind::rate_limited: return "rate_limited";
        case ErrorKind::deadline_exceeded: return "deadline_exceeded";
        case ErrorKind::idle_timeout: return "idle_timeout";
        case ErrorKind::cancelled: return "cancelled";
        case ErrorKind::connection_lost: return "connection_lost";
        case ErrorKind::session_lost: return "session_lost";
        case ErrorKind::auth_required: return "auth_required";
        case ErrorKind::server_unavailable: return "server_unavailable";
        case ErrorKind::protocol_violation: return "protocol_violation";
        case ErrorKind::response_too_large: return "response_too_large";
        case ErrorKind::rpc_error: return "rpc_error";
        case ErrorKind::shutdown: return "shutdown";
        case ErrorKind::encode_error: return "encode_error";
        case ErrorKind::invalid_command: return "invalid_command";
        case ErrorKind::no_common_version: return "no_common_version";
        case ErrorKind::capability_missing: return "capability_missing";
        case ErrorKind::method_not_in_era: return "method_not_in_era";
        case ErrorKind::invalid_config: return "invalid_config";
    }
    return "unknown";
}

std::string_view to_string(Disposition disposition) noexcept {
    switch (disposition) {
        case Disposition::not_sent: return "not_sent";
        case Disposition::maybe_executed: return "maybe_executed";
        case Disposition::executed: return "executed";
    }
    return "unknown";
}

Error::Error(ErrorKind kind, std::string message, Disposition disposition)
    : details_(std::make_shared<Details>()), kind_(kind), disposition_(disposition) {
    details_->message = std::move(message);
    if (kind == ErrorKind::invalid_command || kind == ErrorKind::no_common_version ||
        kind == ErrorKind::invalid_config) {
        attempt_class_ = AttemptClass::fatal;
    } else if (kind == ErrorKind::auth_required) {
        attempt_class_ = AttemptClass::auth;
    }
}

Error::Details& Error::edit() {
    if (details_.use_count() > 1) details_ = std::make_shared<Details>(*details_);
    return *details_;
}

namespace {

std::string_view verdict_sentence(Disposition d) {
    switch (d) {
        case Disposition::not_sent: return "It was not executed.";
        case Disposition::maybe_executed: return "It may have been executed: verify before repeating it.";
        case Disposition::executed: return "The server answered it.";
    }
    return "";
}

void append_seconds(std::string& out, Duration d) {
    std::array<char, 32> text{};
    const double seconds = to_seconds(d);
    if (seconds < 1) {
        std::snprintf(text.data(), text.size(), "%.3g ms", seconds * 1000);
    } else {
        std::snprintf(text.data(), text.size(), "%.3g s", seconds);
    }
    out += text.data();
}

}  // namespace

std::string Error::summary() const {
    const Details& d = *details_;
    std::string out;
    if (!d.server.empty()) out += "server '" + d.server + "': ";
    if (!d.operation.empty()) out += d.operation + ": ";
    out += d.message.empty() ? std::string(mcp::to_string(kind_)) : d.message;
    if (!d.peer_text.empty()) out += " (the server says: " + d.peer_text + ")";
    if (d.rpc_code) out += " [code " + std::to_string(*d.rpc_code) + "]";
    return out;
}

std::string Error::to_string() const {
    const Details& d = *details_;
    std::string out = summary();
    if (!out.empty() && out.back() != '.') out += '.';
    if (d.elapsed > Duration::zero()) {
        out += " After ";
        append_seconds(out, d.elapsed);
        if (d.attempts > 1) out += " and " + std::to_string(d.attempts) + " attempts";
        out += '.';
    }
    if (d.operation.starts_with("tools/call")) {
        out += ' ';
        out += verdict_sentence(disposition_);
    }
    if (d.retry_after) {
        out += " Retry after ";
        append_seconds(out, *d.retry_after);
        out += '.';
    }
    if (!d.mend.empty()) out += " Mend: " + d.mend + (d.mend.back() == '.' || d.mend.back() == '?' ? "" : ".");
    if (!d.stderr_tail.empty()) out += "\nLast stderr of the server:\n" + d.stderr_tail;
    return out;
}

}  // namespace haive::mcp
