// A fleet with pools, circuits and failures, scraped over HTTP as Prometheus does.
#include "haive/mcp/exporters/metrics_endpoint.hpp"
#include "haive/mcp/exporters/prometheus_text.hpp"
#include "haive/mcp/manager/manager.hpp"
#include "integration/support/served.hpp"
#include "support/filled_metrics.hpp"
#include "support/promtool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <curl/curl.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

/// The body of a good answer, else what went wrong.
std::string fetched(const std::string& url, long version = CURL_HTTP_VERSION_1_1) {
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    std::string body;
    const auto append = +[](char* data, std::size_t size, std::size_t count, void* to) {
        static_cast<std::string*>(to)->append(data, size * count);
        return size * count;
    };
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_HTTP_VERSION, version);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
    const CURLcode code = curl_easy_perform(curl.get());
    return code == CURLE_OK ? body : curl_easy_strerror(code);
}

TEST(MetricsEndpoint, ALongAnswerComesWholeHoweverManyPiecesItTakes) {
    const FilledMetrics filled(200);
    auto endpoint = MetricsEndpoint::listen("127.0.0.1:0", filled.metrics);
    ASSERT_TRUE(endpoint.has_value());
    const std::string whole = prometheus_text(*filled.metrics);
    EXPECT_GT(whole.size(), std::size_t{4} << 20);
    // Not EXPECT_EQ: it would print eight megabytes.
    EXPECT_TRUE(fetched((*endpoint)->url()) == whole);
    EXPECT_TRUE(fetched((*endpoint)->url(), CURL_HTTP_VERSION_1_0) == whole);
}

UpstreamConfig child(const std::string& name, const std::string& command = HAIVE_TEST_SERVER) {
    UpstreamConfig out;
    out.name = name;
    out.transport = std::make_shared<StdioTransport>(command, Args{"--quiet", "--max-life", "120"});
    out.connection = quick();
    out.connection.max_reconnect_attempts = -1;
    return out;
}

TEST(MetricsEndpoint, AFleetWithPoolsCircuitsAndFailuresIsAcceptedByPromtool) {
    auto metrics = std::make_shared<Metrics>();
    RuntimeParts parts;
    parts.metrics = metrics;
    ManagerOptions options;
    options.runtime = Runtime::threaded(std::move(parts));
    MCPManager manager(std::move(options));
    std::vector<UpstreamConfig> servers{child("good"), child("pooled"), child("failing"),
                                        child("missing", "no-such-command-anywhere")};
    servers[1].pool.emplace();
    servers[1].pool->mode = PoolMode::exclusive;
    servers[1].pool->max_size = 2;
    manager.apply(servers).get();
    manager.start_all(20s).get();

    EXPECT_FALSE(manager.client("good")->call_tool("echo", {{"text", "x"}}).get().is_error);
    EXPECT_TRUE(manager.client("good")->call_tool("fail").get().is_error);
    EXPECT_TRUE(manager.client("good")->call_tool("error", {{"code", -32602}}).wait().has_error());
    auto slow = manager.client("pooled")->call_tool("sleep", {{"ms", 300}});
    EXPECT_FALSE(manager.client("pooled")->call_tool("echo", {{"text", "x"}}).get().is_error);
    EXPECT_FALSE(slow.get().is_error);
    EXPECT_TRUE(eventually([&] {
        (void)manager.client("failing")->call_tool("crash").wait();
        for (const auto& each : manager.upstreams()) {
            if (each.name == "failing") return each.breaker != "closed";
        }
        return false;
    }));

    auto endpoint = MetricsEndpoint::listen("127.0.0.1:0", metrics);
    ASSERT_TRUE(endpoint.has_value());
    const std::string text = fetched((*endpoint)->url());
    // The failing one goes on: it is healed, and may be waiting for leave.
    for (const char* line : {
             "mcp_client_circuit_state{mcp_server_name=\"failing\",state=\"closed\"} 0\n",
             "mcp_client_circuit_state{mcp_server_name=\"good\",state=\"closed\"} 1\n",
             "mcp_client_circuit_transitions_total{mcp_server_name=\"failing\",to=\"open\"} ",
             "mcp_client_circuit_transitions_total{mcp_server_name=\"failing\",to=\"closed\"} 0\n",
             "mcp_client_pool_max{mcp_server_name=\"pooled\"} 2\n",
             "mcp_client_pool_wait_time_seconds_count{mcp_server_name=\"pooled\",mode=\"exclusive\"} 2\n",
             "mcp_client_connections{mcp_server_name=\"pooled\",state=\"idle\"} 2\n",
             "mcp_client_connections{mcp_server_name=\"good\",state=\"idle\"} 1\n",
             "mcp_client_connection_status{mcp_server_name=\"missing\",status=\"error\"} 1\n",
             "error_type=\"invalid_command\",kind=\"connect\"} 1\n",
             "gen_ai_tool_name=\"fail\",gen_ai_operation_name=\"execute_tool\",error_type=\"tool_error\",",
             "error_type=\"-32602\",rpc_response_status_code=\"-32602\",mcp_protocol_version=\"",
             "network_transport=\"pipe\",le=\"+Inf\"} ",
             "mcp_client_manager_gated ",
         }) {
        EXPECT_THAT(text, HasSubstr(line));
    }
    const auto verdict = promtool_check(text);
    manager.close().get();
    if (!verdict) GTEST_SKIP() << no_promtool;
    EXPECT_EQ(verdict->code, 0) << verdict->said;
}

}  // namespace
}  // namespace haive::mcp::testing
