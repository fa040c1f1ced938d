#include "haive/mcp/exporters/prometheus_text.hpp"

#include "exporters/otlp_json.hpp"
#include "support/filled_metrics.hpp"
#include "support/promtool.hpp"

#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

std::string line_with(const std::string& text, const std::string& start) {
    const std::size_t at = text.find('\n' + start);
    return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

TEST(PrometheusText, names_units_and_labels_are_translated) {
    const FilledMetrics filled({"files"});
    const std::string text = prometheus_text(*filled.metrics);
    for (const char* line : {
             "# TYPE mcp_client_operation_duration_seconds histogram\n",
             "mcp_client_operation_duration_seconds_bucket{mcp_server_name=\"files\",mcp_method_name=\"tools/call\","
             "gen_ai_tool_name=\"echo\",gen_ai_operation_name=\"execute_tool\",mcp_protocol_version=\"2025-11-25\","
             "network_transport=\"tcp\",network_protocol_name=\"http\",server_address=\"mcp.example.com\","
             "server_port=\"443\",le=\"0.02\"} 1\n",
             "error_type=\"-32602\",rpc_response_status_code=\"-32602\",mcp_protocol_version=\"2025-11-25\"",
             "le=\"+Inf\"} 1\n",
             "mcp_client_connection_status{mcp_server_name=\"files\",status=\"connected\"} 1\n",
             "mcp_client_connection_status{mcp_server_name=\"files\",status=\"error\"} 0\n",
             "mcp_client_connection_health_score{mcp_server_name=\"files\",factor=\"total\"} 0.875\n",
             "mcp_client_connection_uptime_seconds{mcp_server_name=\"files\"} 12.5\n",
             "mcp_client_connection_attempts_total{mcp_server_name=\"files\",outcome=\"failed\","
             "error_type=\"server_unavailable\",kind=\"reconnect\"} 2\n",
             "mcp_client_io_bytes_total{mcp_server_name=\"files\",direction=\"in\"} 1000\n",
             "# TYPE mcp_client_connections gauge\n",
             "mcp_client_manager_gated 2\n",
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
    const FilledMetrics filled({"s"}, options);
    const std::string text = prometheus_text(*filled.metrics);
    EXPECT_NE(text.find("\n_9acme_mcp_request_active{"), std::string::npos);
    EXPECT_NE(text.find("# TYPE mcp_client_operation_duration_seconds histogram"), std::string::npos);
}

TEST(PrometheusText, every_metric_that_was_specified_is_there_by_both_names) {
    // Resilience specification, section 7; and the two of the conventions. `connection.count` has its own name there.
    const std::vector<std::pair<std::string, std::string>> specified{
        {"mcp.client.operation.duration", "mcp_client_operation_duration_seconds"},
        {"mcp.client.session.duration", "mcp_client_session_duration_seconds"},
        {"mcp.client.connection.count", "mcp_client_connections"},
        {"mcp.client.connection.status", "mcp_client_connection_status"},
        {"mcp.client.connection.health_score", "mcp_client_connection_health_score"},
        {"mcp.client.connection.health_changes", "mcp_client_connection_health_changes_total"},
        {"mcp.client.connection.attempts", "mcp_client_connection_attempts_total"},
        {"mcp.client.connection.disconnections", "mcp_client_connection_disconnections_total"},
        {"mcp.client.connection.create_time", "mcp_client_connection_create_time_seconds"},
        {"mcp.client.connection.backoff_time", "mcp_client_connection_backoff_time_seconds"},
        {"mcp.client.connection.outage_time", "mcp_client_connection_outage_time_seconds"},
        {"mcp.client.connection.uptime", "mcp_client_connection_uptime_seconds"},
        {"mcp.client.probe.duration", "mcp_client_probe_duration_seconds"},
        {"mcp.client.probe.skipped", "mcp_client_probe_skipped_total"},
        {"mcp.client.request.active", "mcp_client_request_active"},
        {"mcp.client.request.pending", "mcp_client_request_pending"},
        {"mcp.client.request.outcome", "mcp_client_request_outcome_total"},
        {"mcp.client.request.retries", "mcp_client_request_retries_total"},
        {"mcp.client.request.transparent_retries", "mcp_client_request_transparent_retries_total"},
        {"mcp.client.request.retry_budget", "mcp_client_request_retry_budget"},
        {"mcp.client.request.late_responses", "mcp_client_request_late_responses_total"},
        {"mcp.client.circuit.state", "mcp_client_circuit_state"},
        {"mcp.client.circuit.transitions", "mcp_client_circuit_transitions_total"},
        {"mcp.client.pool.wait_time", "mcp_client_pool_wait_time_seconds"},
        {"mcp.client.pool.use_time", "mcp_client_pool_use_time_seconds"},
        {"mcp.client.pool.timeouts", "mcp_client_pool_timeouts_total"},
        {"mcp.client.pool.leaks", "mcp_client_pool_leaks_total"},
        {"mcp.client.pool.evictions", "mcp_client_pool_evictions_total"},
        {"mcp.client.pool.max", "mcp_client_pool_max"},
        {"mcp.client.pool.idle.min", "mcp_client_pool_idle_min"},
        {"mcp.client.io", "mcp_client_io_bytes_total"},
        {"mcp.client.manager.gated", "mcp_client_manager_gated"},
        {"mcp.client.internal.stale_events", "mcp_client_internal_stale_events_total"},
    };
    const FilledMetrics filled(40);  // more than one piece of each family
    const std::string text = prometheus_text(*filled.metrics);
    const std::string otlp = otlp_metrics(*filled.metrics, "test", {}, {});
    const auto count_of = [](const std::string& in, const std::string& what) {
        std::size_t n = 0;
        for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++n;
        return n;
    };
    for (const auto& [open_telemetry, prometheus] : specified) {
        EXPECT_EQ(count_of(text, "# TYPE " + prometheus + ' '), 1U) << prometheus;
        EXPECT_EQ(count_of(otlp, "\"name\":\"" + open_telemetry + '"'), 1U) << open_telemetry;
    }
    EXPECT_EQ(count_of(text, "# TYPE "), specified.size()) << "one that is not specified";
    EXPECT_EQ(count_of(text, "\nmcp_client_connection_uptime_seconds{"), 40U);
    EXPECT_EQ(count_of(text, "\nmcp_client_manager_gated "), 1U);
}

TEST(PrometheusText, promtool_accepts_it) {
    const FilledMetrics filled({"one", "two \"quoted\" \\ \xC3\xA4"});
    const auto verdict = promtool_check(prometheus_text(*filled.metrics));
    if (!verdict) GTEST_SKIP() << no_promtool;
    EXPECT_EQ(verdict->code, 0) << verdict->said;
}

TEST(PrometheusText, what_promtool_refuses_it_says) {
    const auto broken = promtool_check("no metrics {\n");
    if (!broken) GTEST_SKIP() << no_promtool;
    EXPECT_EQ(broken->code, 1) << broken->said;
    const auto badly_named = promtool_check("# HELP a_count b\n# TYPE a_count counter\na_count 1\n");
    EXPECT_EQ(badly_named->code, 3) << badly_named->said;
}

}  // namespace
}  // namespace haive::mcp::testing
