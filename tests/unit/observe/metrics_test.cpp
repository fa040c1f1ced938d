#include "haive/mcp/observe/metrics.hpp"

#include "support/read_metrics.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, a_bound_belongs_to_its_own_bucket) {
    Histogram h;
    h.record(10ms);
    h.record(10ms + 1us);
    h.record(300s);
    h.record(301s);
    h.record(-1s);
    const auto r = h.read();
    EXPECT_EQ(r.buckets[0], 2U);  // 10 ms, and what a clock that went back made of it
    EXPECT_EQ(r.buckets[1], 1U);
    EXPECT_EQ(r.buckets[13], 1U);
    EXPECT_EQ(r.buckets[14], 1U);
    EXPECT_EQ(r.count, 5U);
    EXPECT_NEAR(r.sum, 601.020001, 1e-6);
}

TEST(Histogram, loses_nothing_between_threads) {
    Histogram h;
    const auto record = [&] {
        for (int i = 0; i < 20'000; ++i) h.record(1ms);
    };
    std::thread other(record);
    record();
    other.join();
    EXPECT_EQ(h.read().count, 40'000U);
    EXPECT_NEAR(h.read().sum, 40.0, 1e-6);
}

TEST(OperationTable, tools_past_the_bound_share_one_name) {
    Metrics metrics;
    auto server = metrics.server("s");
    for (int i = 0; i < 1000; ++i) {
        server->histograms()->operations.of("tools/call", "tool-" + std::to_string(i)).record(CallEnd(), 1ms);
    }
    server->histograms()->operations.of("tools/call", std::string(500, 'x')).record(CallEnd(), 1ms);
    const ReadMetrics seen(metrics);
    const std::string point = "mcp.client.operation.duration{mcp.method.name=tools/call,gen_ai.tool.name=_other,"
                              "gen_ai.operation.name=execute_tool}";
    EXPECT_EQ(seen.at(point), 801);
    std::size_t named = 0;
    for (const auto& [name, value] : seen.points) named += name.starts_with("mcp.client.operation.duration") ? 1 : 0;
    EXPECT_EQ(named, OperationTable::most + 1);
}

TEST(OperationTable, methods_past_the_bound_share_one_name) {
    OperationTable table;
    for (int i = 0; i < 1000; ++i) table.of("x/" + std::to_string(i), "").record(CallEnd(), 1ms);
    EXPECT_EQ(&table.of("y/1", ""), &table.of("y/2", ""));
    EXPECT_EQ(table.of("y/1", "").method(), "_other");
}

TEST(OperationTable, a_resource_is_not_named) {
    OperationTable table;
    EXPECT_EQ(table.of("resources/read", "https://user:password@host/?token=1").name(), "");
}

TEST(OperationTable, threads_that_meet_at_a_new_name_agree_on_it) {
    OperationTable table;
    const auto record = [&] {
        for (int i = 0; i < 150; ++i) table.of("tools/call", std::to_string(i)).record(CallEnd(), 1ms);
    };
    std::thread other(record);
    record();
    other.join();
    int operations = 0;
    std::uint64_t count = 0;
    table.each([&](const OperationMetrics& o) {
        ++operations;
        o.read([&](std::string_view, const Histogram::Reading& r) { count += r.count; });
    });
    EXPECT_EQ(operations, 150);
    EXPECT_EQ(count, 300U);
}

TEST(ErrorType, a_code_that_a_server_made_up_is_no_label) {
    CallEnd end;
    EXPECT_EQ(error_type(end), "");
    end.tool_error = true;
    EXPECT_EQ(error_type(end), "tool_error");
    end.kind = ErrorKind::rpc_error;
    end.rpc_code = -32602;
    EXPECT_EQ(error_type(end), "-32602");
    end.rpc_code = 4711;
    EXPECT_EQ(error_type(end), "_OTHER");
    end.kind = ErrorKind::idle_timeout;
    EXPECT_EQ(error_type(end), "idle_timeout");
}

TEST(Metrics, the_same_name_gets_the_same_instruments) {
    Metrics metrics;
    EXPECT_EQ(metrics.server("a"), metrics.server("a"));
    EXPECT_NE(metrics.server("a"), metrics.server("b"));
}

TEST(Metrics, servers_past_the_bounds_lose_histograms_then_their_name) {
    MetricsOptions options;
    options.histogram_servers = 1;
    options.most_servers = 2;
    Metrics metrics(options);
    EXPECT_NE(metrics.server("a")->histograms(), nullptr);
    EXPECT_EQ(metrics.server("b")->histograms(), nullptr);
    EXPECT_EQ(metrics.server("c")->name(), "_other");
    EXPECT_EQ(metrics.server("d"), metrics.server("c"));
}

TEST(SessionTable, versions_past_the_bound_share_one_place) {
    SessionTable table;
    for (int i = 0; i < 100; ++i) table.of("v" + std::to_string(i)).lost.record(1s);
    std::size_t named = 0;
    std::uint64_t unnamed = 0;
    table.each([&](const SessionMetrics& s) {
        if (s.version.empty()) unnamed = s.lost.read().count;
        if (!s.version.empty()) ++named;
    });
    EXPECT_EQ(named, SessionTable::most);
    EXPECT_EQ(unnamed, 100 - SessionTable::most);
}

TEST(OperationTable, a_version_is_part_of_an_operation) {
    OperationTable table;
    EXPECT_NE(&table.of("ping", "", "2025-06-18"), &table.of("ping", "", "2025-11-25"));
    EXPECT_EQ(&table.of("ping", "", "2025-06-18"), &table.of("ping", "", "2025-06-18"));
    for (int i = 0; i < 1000; ++i) table.of("ping", "", "v" + std::to_string(i)).record(CallEnd(), 1ms);
    EXPECT_EQ(table.of("ping", "", "v999").method(), "_other");
    EXPECT_EQ(table.of("ping", "", "v999").version(), "");
}

TEST(Metrics, the_conventions_histograms_say_where_the_server_is) {
    Metrics metrics;
    auto server = metrics.server("s");
    CallEnd refused;
    refused.kind = ErrorKind::rpc_error;
    refused.rpc_code = -32601;
    server->histograms()->operations.of("ping", "", "2025-11-25").record(refused, 1ms);
    server->histograms()->sessions.of("2025-11-25").lost.record(1s);
    const std::string version = "mcp.protocol.version=2025-11-25";
    const std::string error = "{mcp.method.name=ping,error.type=-32601,rpc.response.status_code=-32601," + version;
    EXPECT_EQ(ReadMetrics(metrics).at("mcp.client.operation.duration" + error + "}"), 1);
    server->set_place({.transport = "tcp", .protocol = "http", .address = "host", .port = "8080"});
    const std::string place = ",network.transport=tcp,network.protocol.name=http,server.address=host,server.port=8080}";
    const ReadMetrics seen(metrics);
    EXPECT_EQ(seen.at("mcp.client.operation.duration" + error + place), 1);
    EXPECT_EQ(seen.at("mcp.client.session.duration{error.type=connection_lost," + version + place), 1);
}

class Fixed final : public MetricsSource {
public:
    explicit Fixed(std::size_t status, double score) {
        sample_.status = status;
        sample_.score = score;
    }
    [[nodiscard]] ConnectionSample sample() const noexcept override { return sample_; }

private:
    ConnectionSample sample_;
};

TEST(Metrics, connections_of_one_name_add_up) {
    Metrics metrics;
    auto server = metrics.server("s");
    const Fixed one(2, 0.9);
    const Fixed two(4, 0.0);
    server->attach(one);
    server->attach(two);
    EXPECT_EQ(ReadMetrics(metrics).at("connection.status{status=connected}"), 1);
    EXPECT_EQ(ReadMetrics(metrics).at("connection.status{status=reconnecting}"), 1);
    EXPECT_EQ(ReadMetrics(metrics).at("connection.health_score{factor=total}"), 0);
    EXPECT_EQ(ReadMetrics(metrics).at("connection.count{state=idle}"), 1);
    server->active.add(3);
    EXPECT_EQ(ReadMetrics(metrics).at("connection.count{state=used}"), 1);
    EXPECT_EQ(ReadMetrics(metrics).at("connection.count{state=idle}"), 0);
    server->active.add(-3);
    server->detach(two);
    EXPECT_EQ(ReadMetrics(metrics).at("connection.health_score{factor=total}"), 0.9);
    server->detach(one);
    EXPECT_EQ(ReadMetrics(metrics).at("connection.status{status=connected}"), -1);
}

TEST(Metrics, pools_and_circuits_are_told_of_once_they_are_there) {
    Metrics metrics;
    auto server = metrics.server("s");
    server->pool_leaks.add();
    EXPECT_EQ(ReadMetrics(metrics).at("pool.leaks{reason=held_too_long}"), -1);
    server->has_pool = true;
    server->has_circuit = true;
    server->circuits[at(CircuitState::open)].add();
    server->histograms()->wait_time[at(LeaseMode::exclusive)].record(1ms);
    const ReadMetrics seen(metrics);
    EXPECT_EQ(seen.at("pool.leaks{reason=held_too_long}"), 1);
    EXPECT_EQ(seen.at("circuit.state{state=open}"), 1);
    EXPECT_EQ(seen.at("circuit.state{state=closed}"), 0);
    EXPECT_EQ(seen.at("pool.wait_time{mode=exclusive}"), 1);
}

}  // namespace
}  // namespace haive::mcp::testing
