#include "connection/describe.hpp"

#include "haive/mcp/transport/transport.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace haive::mcp {

namespace json = boost::json;

namespace {

json::object factors_of(const HealthReport& health) {
    json::object f;
    f["liveness"] = health.factors.liveness;
    f["errors"] = health.factors.errors;
    f["streak"] = health.factors.streak;
    f["latency"] = health.factors.latency;
    f["breaker"] = health.factors.breaker;
    f["churn"] = health.factors.churn;
    return f;
}

double uptime_of(const ConnectionRecord& record, TimePoint now) {
    Duration total = record.counters.uptime_before;
    if (record.connected_at != never) total += now - record.connected_at;
    return to_seconds(total);
}

json::value last_connected_of(const ConnectionRecord& record) {
    if (!record.last_connected) return nullptr;
    return std::chrono::duration<double>(record.last_connected->time_since_epoch()).count();
}

std::optional<double> next_attempt_in(const ConnectionRecord& record, TimePoint now) {
    if (record.next_attempt == never) return std::nullopt;
    return to_seconds(std::max(Duration::zero(), record.next_attempt - now));
}

/// HTTP: of the newest new connection, and of the newest answer's first byte. Seconds.
json::object timings_of(const ChannelEvidence& e) {
    json::object out;
    out["name_lookup"] = to_seconds(e.name_lookup);
    out["connect"] = to_seconds(e.tcp_connect);
    if (e.tls_handshake > Duration::zero()) out["tls_handshake"] = to_seconds(e.tls_handshake);
    out["first_byte"] = to_seconds(e.first_byte);
    out["sockets_opened"] = e.sockets_opened;
    return out;
}

void add_evidence(json::object& out, const ConnectionRecord& record) {
    if (record.facts) {
        out["era"] = record.facts->era == Era::modern ? "modern" : "legacy";
        out["protocol_version"] = record.facts->protocol_version;
        json::object server;
        server["name"] = record.facts->server_info.name;
        server["version"] = record.facts->server_info.version;
        out["server_info"] = std::move(server);
    }
    if (record.bytes_in + record.bytes_out > 0 || record.evidence) {
        out["bytes_in"] = record.bytes_in;
        out["bytes_out"] = record.bytes_out;
    }
    if (!record.evidence) return;
    const ChannelEvidence& e = *record.evidence;
    if (e.pid != 0) out["pid"] = e.pid;
    if (e.exit_code) out["exit_code"] = *e.exit_code;
    if (e.exit_signal) out["exit_signal"] = *e.exit_signal;
    if (e.http_status) out["http_status"] = *e.http_status;
    if (e.sockets_opened > 0) out["timings"] = timings_of(e);
    if (!e.stderr_tail.empty()) out["stderr_tail"] = e.stderr_tail;
    if (e.junk_lines > 0) out["junk_lines"] = e.junk_lines;
    if (!e.first_junk_line.empty()) out["first_junk_line"] = e.first_junk_line;
    if (e.oversized_messages > 0) out["oversized_messages"] = e.oversized_messages;
    if (e.late_replies > 0) out["late_replies"] = e.late_replies;
}

/// What all forms share, beyond the documented keys.
void add_state(json::object& out, const ConnectionRecord& record, const HealthReport& health, TimePoint now) {
    out["phase"] = to_string(record.phase);
    out["generation"] = record.generation;
    out["monitoring"] = record.monitoring;
    out["limiting_factor"] = to_string(health.limiting);
    out["factors"] = factors_of(health);
    if (health.evidence_age != Duration::max()) out["evidence_age"] = to_seconds(health.evidence_age);
    out["round_trip"] =
        record.round_trip > Duration::zero() ? json::value(to_seconds(record.round_trip)) : json::value();
    out["missed_probes"] = health.missed_probes;
    out["calls"] = record.counters.calls;
    out["calls_failed"] = record.counters.calls_failed;
    out["retries"] = record.counters.retries;
    out["reconnects"] = record.counters.reconnects;
    if (auto next = next_attempt_in(record, now)) out["next_attempt_in"] = *next;
    add_evidence(out, record);
}

std::string next_step(const ConnectionRecord& record, const HealthReport& health) {
    switch (record.phase) {
        case Phase::idle: return "nothing until connect() or start_monitoring()";
        case Phase::closing: return "the server is being closed";
        case Phase::opening: return "the transport is being opened";
        case Phase::handshaking: return "waiting for the server's answer to the handshake";
        case Phase::ready:
            return health.score >= 0.7 ? "in service" : "in service, but not healthy: see the limiting factor";
        case Phase::suspect: return "in service, but a probe was missed: probing again";
        case Phase::draining: return "finishing calls before it is replaced";
        case Phase::backoff: return "the next attempt is scheduled";
        case Phase::gated: return "the next attempt waits for its turn";
        case Phase::failed: return "nothing until connect() or start_monitoring() is called again";
        case Phase::exhausted: return "nothing: all automatic attempts are used up; connect() starts afresh";
        case Phase::fatal: return "nothing: trying again cannot help until the cause is mended";
        case Phase::auth_wait: return "waiting for credentials";
    }
    return "";
}

std::string mend_of(const ConnectionRecord& record) {
    if (record.status == ConnectionStatus::connected || record.phase == Phase::idle) return "";
    if (record.last_error && !record.last_error->details().mend.empty()) return record.last_error->details().mend;
    if (record.phase == Phase::exhausted) {
        return "see why the server ends or does not answer (its stderr is above), then call connect()";
    }
    return "";
}

}  // namespace

json::object describe_health(const ConnectionRecord& record, const HealthReport& health, const std::string& name,
                             const MCPTransport& transport, TimePoint now) {
    json::object out;
    out["name"] = name;
    out["status"] = to_string(record.status);
    out["connected"] = record.status == ConnectionStatus::connected;
    out["health_score"] = health.score;
    out["last_connected"] = last_connected_of(record);
    out["last_error"] = record.last_error ? json::value(record.last_error->summary()) : json::value(nullptr);
    out["reconnect_attempts"] = record.attempts;
    out["connection_count"] = record.counters.connections;
    out["error_count"] = record.counters.errors();
    out["uptime"] = uptime_of(record, now);
    out["transport_type"] = transport.type();
    if (record.evidence && record.evidence->sockets_opened > 0) out["timings"] = timings_of(*record.evidence);
    add_state(out, record, health, now);
    return out;
}

ConnectionInfo describe_info(const ConnectionRecord& record, const HealthReport& health, const std::string& name,
                             const MCPTransport& transport, TimePoint now) {
    ConnectionInfo info;
    info.name = name;
    info.status = record.status;
    if (record.last_connected) info.last_connected = last_connected_of(record).as_double();
    if (record.last_error) info.last_error = record.last_error->summary();
    info.reconnect_attempts = record.attempts;
    info.health_score = record.status == ConnectionStatus::connected ? health.score : 0.0;
    info.metadata["connection_count"] = record.counters.connections;
    info.metadata["error_count"] = record.counters.errors();
    info.metadata["total_uptime"] = uptime_of(record, now);
    info.metadata["transport_type"] = transport.type();
    add_state(info.metadata, record, health, now);
    return info;
}

Explanation describe_state(const ConnectionRecord& record, const HealthReport& health, const std::string& name,
                           const MCPTransport& transport, TimePoint now) {
    Explanation e;
    e.server = name;
    e.transport = transport.describe();
    e.status = to_string(record.status);
    e.phase = to_string(record.phase);
    e.in_phase_for = to_seconds(now - record.since);
    e.generation = record.generation;
    if (!record.reason.empty()) e.causes.push_back(record.reason);
    if (record.last_error) {
        const std::string summary = record.last_error->summary();
        if (!record.reason.empty() && summary.find(record.reason) != std::string::npos)
            e.causes.clear();  // it says more
        e.causes.push_back(summary);
        const auto& d = record.last_error->details();
        if (d.exit_signal) e.causes.push_back("the process was ended by signal " + std::to_string(*d.exit_signal));
        if (d.exit_code) e.causes.push_back("the process exited with code " + std::to_string(*d.exit_code));
        e.stderr_tail = d.stderr_tail;
    }
    if (e.stderr_tail.empty() && record.evidence) e.stderr_tail = record.evidence->stderr_tail;
    for (const TransitionRecord& t : record.transitions.entries()) {
        Explanation::Transition shown;
        shown.seconds_ago = to_seconds(now - t.at);
        shown.from = to_string(t.from);
        shown.to = to_string(t.to);
        shown.reason = t.reason;
        e.transitions.push_back(std::move(shown));
    }
    e.health["score"] = health.score;
    e.health["limiting_factor"] = to_string(health.limiting);
    e.health["factors"] = factors_of(health);
    e.health["missed_probes"] = health.missed_probes;
    if (record.round_trip > Duration::zero()) e.health["round_trip"] = to_seconds(record.round_trip);
    add_evidence(e.evidence, record);
    e.evidence.erase("stderr_tail");
    e.attempts = record.attempts;
    e.next_attempt_in = next_attempt_in(record, now);
    e.next = next_step(record, health);
    e.mend = mend_of(record);
    return e;
}

Error not_connected_error(const ConnectionRecord& record, const std::string& name, TimePoint now) {
    std::string text = "not connected (" + std::string(to_string(record.phase)) + ")";
    if (record.last_error) text += "; last failure: " + record.last_error->message();
    if (auto next = next_attempt_in(record, now)) {
        text += "; next attempt in " + std::to_string(static_cast<int>(*next * 1000)) + " ms";
    }
    Error error(ErrorKind::not_connected, std::move(text));
    auto& details = error.edit();
    details.server = name;
    details.operation = "get_client";
    if (record.last_error) {
        const auto& last = record.last_error->details();
        details.stderr_tail = last.stderr_tail;
        details.mend = last.mend;
        details.exit_code = last.exit_code;
        details.exit_signal = last.exit_signal;
    }
    if (details.mend.empty()) details.mend = "call connect(), or wait for the monitor to heal the connection";
    return error;
}

}  // namespace haive::mcp
