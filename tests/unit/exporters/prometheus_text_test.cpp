#include "haive/mcp/exporters/prometheus_text.hpp"

#include "haive/mcp/observe/metrics.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

class Up final : public MetricsSource {
public:
    [[nodiscard]] ConnectionSample sample() const noexcept override {
        ConnectionSample s;
        s.status = 2;
        s.score = 0.875;
        s.uptime = 12.5;
        return s;
    }
};

/// A server that has seen about everything.
void fill(ServerMetrics& s) {
    s.attempts_ok[0].add();
    s.attempts_bad[1][at(ErrorKind::server_unavailable)].add(2);
    s.disconnections[at(DisconnectReason::exit)].add();
    s.answered[at(CallClass::never_twice)].add(7);
    s.failed[at(Disposition::maybe_executed)][at(ErrorKind::connection_lost)][0].add();
    s.retries[at(ErrorKind::connection_lost)].add();
    s.transparent_retries[at(ErrorKind::connection_lost)].add();
    s.io[0].add(1000);
    s.retry_budget.set(9.5);
    s.has_pool = true;
    s.has_circuit = true;
    auto& h = *s.histograms();
    h.operations.of("tools/call", "echo").record(CallEnd(), 15ms);
    h.session_duration[1].record(3s);
    h.create_time[0].record(30ms);
    h.backoff_time.record(1s);
    h.outage_time.record(2s);
    h.probe_duration[0].record(1ms);
    h.wait_time[0].record(1ms);
    h.use_time[2].record(1ms);
}

std::string line_with(const std::string& text, const std::string& start) {
    const std::size_t at = text.find('\n' + start);
    return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

TEST(PrometheusText, names_units_and_labels_are_translated) {
    Metrics metrics;
    const Up up;
    auto server = metrics.server("files");
    server->attach(up);
    fill(*server);
    const std::string text = prometheus_text(metrics);
    server->detach(up);
    for (const char* line : {
             "# TYPE mcp_client_operation_duration_seconds histogram\n",
             "mcp_client_operation_duration_seconds_bucket{mcp_server_name=\"files\",mcp_method_name=\"tools/call\","
             "gen_ai_tool_name=\"echo\",gen_ai_operation_name=\"execute_tool\",le=\"0.02\"} 1\n",
             "le=\"+Inf\"} 1\n",
             "mcp_client_connection_status{mcp_server_name=\"files\",status=\"connected\"} 1\n",
             "mcp_client_connection_status{mcp_server_name=\"files\",status=\"error\"} 0\n",
             "mcp_client_connection_health_score{mcp_server_name=\"files\",factor=\"total\"} 0.875\n",
             "mcp_client_connection_uptime_seconds{mcp_server_name=\"files\"} 12.5\n",
             "mcp_client_connection_attempts_total{mcp_server_name=\"files\",outcome=\"failed\","
             "error_type=\"server_unavailable\",kind=\"reconnect\"} 2\n",
             "mcp_client_io_bytes_total{mcp_server_name=\"files\",direction=\"in\"} 1000\n",
             "# TYPE mcp_client_connections gauge\n",
             "mcp_client_manager_gated 0\n",
         }) {
        EXPECT_NE(text.find(line), std::string::npos) << line;
    }
    EXPECT_EQ(line_with(text, "mcp_client_operation_duration_seconds_sum").substr(0, 10), "mcp_client");
}

TEST(PrometheusText, a_label_cannot_break_out_of_its_quotes) {
    Metrics metrics;
    metrics.server("a\"} 1\nb\\\xff")->active.add();
    const std::string text = prometheus_text(metrics);
    EXPECT_NE(text.find("mcp_client_request_active{mcp_server_name=\"a\\\"} 1\\nb\\\\\xEF\xBF\xBD\"} 1\n"),
              std::string::npos);
}

TEST(PrometheusText, ours_take_the_prefix_and_the_conventions_names_do_not) {
    MetricsOptions options;
    options.prefix = "9acme.mcp";
    Metrics metrics(options);
    fill(*metrics.server("s"));
    const std::string text = prometheus_text(metrics);
    EXPECT_NE(text.find("\n_9acme_mcp_request_active{"), std::string::npos);
    EXPECT_NE(text.find("# TYPE mcp_client_operation_duration_seconds histogram"), std::string::npos);
}

TEST(PrometheusText, promtool_accepts_it) {
    if (std::system("command -v promtool > /dev/null 2>&1") != 0) {
        GTEST_SKIP() << "promtool is not installed (Debian package `prometheus`)";
    }
    Metrics metrics;
    const Up up;
    for (const char* name : {"one", "two \"quoted\" \\ \xC3\xA4"}) {
        auto server = metrics.server(name);
        server->attach(up);
        fill(*server);
    }
    const std::string path = ::testing::TempDir() + "haive_metrics.txt";
    std::ofstream(path) << prometheus_text(metrics);
    EXPECT_EQ(std::system(("promtool check metrics < '" + path + "' >&2").c_str()), 0);
    for (const char* name : {"one", "two \"quoted\" \\ \xC3\xA4"}) metrics.server(name)->detach(up);
    std::remove(path.c_str());
}

TEST(PrometheusText, a_thousand_servers_are_written_in_time) {
    Metrics metrics;
    const Up up;
    for (int i = 0; i < 1000; ++i) {
        auto server = metrics.server("server-" + std::to_string(i));
        server->attach(up);
        fill(*server);
    }
    auto best = std::chrono::steady_clock::duration::max();
    std::size_t size = 0;
    for (int i = 0; i < 5; ++i) {
        const auto began = std::chrono::steady_clock::now();
        size = prometheus_text(metrics).size();
        best = std::min(best, std::chrono::steady_clock::now() - began);
    }
    const double ms = std::chrono::duration<double, std::milli>(best).count();
    std::printf("1000 servers: %.1f ms, %zu bytes\n", ms, size);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(ms, 500);  // ten times what it is meant to take: a busy machine is no defect
#endif
    for (int i = 0; i < 1000; ++i) metrics.server("server-" + std::to_string(i))->detach(up);
}

}  // namespace
}  // namespace haive::mcp
