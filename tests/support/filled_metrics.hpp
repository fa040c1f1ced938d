#pragma once

#include "haive/mcp/observe/metrics.hpp"

#include <memory>
#include <string>
#include <vector>

namespace haive::mcp::testing {

/// A connection that is up.
class UpConnection final : public MetricsSource {
public:
    [[nodiscard]] ConnectionSample sample() const noexcept override {
        ConnectionSample s;
        s.status = 2;
        s.score = 0.875;
        s.uptime = 12.5;
        return s;
    }
};

/// A registry in which every server has seen about everything: each family has points, the histograms too.
class FilledMetrics {
public:
    explicit FilledMetrics(const std::vector<std::string>& names, MetricsOptions options = MetricsOptions())
        : metrics(std::make_shared<Metrics>(std::move(options))) {
        metrics->gated.add(2);
        for (const auto& name : names) {
            servers_.push_back(metrics->server(name));
            servers_.back()->attach(up_);
            fill(*servers_.back());
        }
    }
    explicit FilledMetrics(int count) : FilledMetrics(numbered(count)) {}
    ~FilledMetrics() {
        for (const auto& server : servers_) server->detach(up_);
    }
    FilledMetrics(const FilledMetrics&) = delete;
    FilledMetrics& operator=(const FilledMetrics&) = delete;

    const std::shared_ptr<Metrics> metrics;

private:
    static std::vector<std::string> numbered(int count) {
        std::vector<std::string> out;
        for (int i = 0; i < count; ++i) out.push_back("server-" + std::to_string(i));
        return out;
    }
    static void fill(ServerMetrics& s) {
        using namespace std::chrono_literals;
        s.set_place({.transport = "tcp", .protocol = "http", .address = "mcp.example.com", .port = "443"});
        s.health_changes[1].add();
        s.attempts_ok[0].add();
        s.attempts_bad[1][at(ErrorKind::server_unavailable)].add(2);
        s.disconnections[at(DisconnectReason::exit)].add();
        s.probes_skipped.add();
        s.answered[at(CallClass::never_twice)].add(7);
        s.failed[at(Disposition::maybe_executed)][at(ErrorKind::connection_lost)][0].add();
        s.retries[at(ErrorKind::connection_lost)].add();
        s.transparent_retries[at(ErrorKind::connection_lost)].add();
        s.io[0].add(1000);
        s.retry_budget.set(9.5);
        s.has_pool = true;
        s.has_circuit = true;
        s.circuits[at(CircuitState::open)].add();
        auto* h = s.histograms();
        if (h == nullptr) return;
        CallEnd refused;
        refused.kind = ErrorKind::rpc_error;
        refused.rpc_code = -32602;
        h->operations.of("tools/call", "echo", "2025-11-25").record(CallEnd(), 15ms);
        h->operations.of("tools/call", "echo", "2025-11-25").record(refused, 3ms);
        h->operations.of("tools/list", "", "2025-11-25").record(CallEnd(), 150ms);
        h->sessions.of("2025-11-25").in_order.record(60s);
        h->sessions.of("2025-11-25").lost.record(3s);
        h->create_time[0].record(30ms);
        h->create_time[1].record(40ms);
        h->backoff_time.record(1s);
        h->outage_time.record(2s);
        h->probe_duration[0].record(1ms);
        h->wait_time[at(LeaseMode::shared)].record(1ms);
        h->use_time[at(LeaseMode::exclusive)].record(1ms);
    }

    UpConnection up_;
    std::vector<std::shared_ptr<ServerMetrics>> servers_;
};

}  // namespace haive::mcp::testing
