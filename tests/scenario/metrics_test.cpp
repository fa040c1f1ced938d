// What a connection's life looks like in its metrics.
#include "haive/mcp/pool/pool.hpp"
#include "support/captured_calls.hpp"
#include "support/fleet_world.hpp"
#include "support/read_metrics.hpp"
#include "support/step_stream.hpp"

#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

std::string duration_of(const std::string& tool, const std::string& error = "") {
    return "mcp.client.operation.duration{mcp.method.name=tools/call,gen_ai.tool.name=" + tool +
           ",gen_ai.operation.name=execute_tool" + (error.empty() ? "" : ",error.type=" + error) +
           (error.starts_with('-') ? ",rpc.response.status_code=" + error : "") + ",mcp.protocol.version=2025-11-25}";
}

TEST(ConnectionMetrics, a_good_life_in_numbers) {
    World w;
    {
        auto c = w.connection();
        EXPECT_EQ(ReadMetrics(*w.metrics).at("connection.status{status=disconnected}"), 1);
        auto client = w.run(c.connect());
        for (int i = 0; i < 3; ++i) (void)w.run(client->call_tool("echo"));
        w.advance(5s);
        (void)w.run(client->call_tool("echo"));
        const ReadMetrics seen(*w.metrics);
        EXPECT_EQ(seen.at("connection.status{status=connected}"), 1);
        EXPECT_EQ(seen.at("connection.status{status=disconnected}"), 0);
        EXPECT_EQ(seen.at("connection.attempts{outcome=ok,kind=connect}"), 1);
        EXPECT_EQ(seen.at("connection.create_time{outcome=ok}"), 1);
        EXPECT_EQ(seen.at("connection.health_score{factor=total}"), 1);
        EXPECT_EQ(seen.at("connection.uptime{}"), 5);
        EXPECT_EQ(seen.at("request.outcome{disposition=executed,class=N}"), 4);
        EXPECT_EQ(seen.at("request.active{}"), 0);
        EXPECT_EQ(seen.at("request.pending{}"), 0);
        EXPECT_EQ(seen.at("request.retry_budget{}"), 10);
        EXPECT_EQ(seen.at(duration_of("echo")), 4);
        EXPECT_GT(seen.at("io{direction=in}"), 100);
        EXPECT_GT(seen.at("io{direction=out}"), 100);
        w.run(c.disconnect());
        const ReadMetrics after(*w.metrics);
        EXPECT_EQ(after.at("connection.disconnections{reason=user}"), 1);
        EXPECT_EQ(after.at("mcp.client.session.duration{mcp.protocol.version=2025-11-25}"), 1);
        EXPECT_EQ(after.sums.at("mcp.client.session.duration{mcp.protocol.version=2025-11-25}"), 5);
        EXPECT_EQ(after.at("connection.uptime{}"), 0);
    }
    w.settle();
    EXPECT_EQ(ReadMetrics(*w.metrics).at("connection.uptime{}"), -1);  // there is no connection to ask
}

TEST(ConnectionMetrics, an_outage_is_timed_and_blamed) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    const auto in_before = ReadMetrics(*w.metrics).at("io{direction=in}");
    w.advance(100s);
    w.refuse_all();
    w.wire->known.exit_code = 3;
    w.wire->die();
    w.advance(2s);
    w.accept_again();
    w.advance(30s);
    ASSERT_TRUE(c.is_connected());
    const ReadMetrics seen(*w.metrics);
    EXPECT_EQ(seen.at("connection.disconnections{reason=exit}"), 1);
    EXPECT_GE(seen.at("connection.attempts{outcome=failed,error.type=server_unavailable,kind=reconnect}"), 1);
    EXPECT_EQ(seen.at("connection.attempts{outcome=ok,kind=reconnect}"), 1);
    EXPECT_EQ(seen.at("connection.outage_time{}"), 1);
    EXPECT_GT(seen.sums.at("connection.outage_time{}"), 1);
    EXPECT_LT(seen.sums.at("connection.outage_time{}"), 30);
    EXPECT_GE(seen.at("connection.backoff_time{}"), 2);
    EXPECT_LE(seen.sums.at("connection.backoff_time{}"), seen.sums.at("connection.outage_time{}"));
    const std::string lost = "mcp.client.session.duration{error.type=connection_lost,mcp.protocol.version=2025-11-25}";
    EXPECT_EQ(seen.at(lost), 1);
    EXPECT_EQ(seen.sums.at(lost), 100);
    EXPECT_GT(seen.at("io{direction=in}"), in_before);
}

TEST(ConnectionMetrics, probes_are_timed_missed_and_skipped) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.run(c.start_monitoring());
    for (int i = 0; i < 60; ++i) {  // traffic makes most probes needless
        (void)w.run(client->call_tool("echo"));
        w.advance(5s);
    }
    EXPECT_GT(ReadMetrics(*w.metrics).at("probe.skipped{}"), 5);
    w.advance(200s);
    EXPECT_GT(ReadMetrics(*w.metrics).at("probe.duration{outcome=ok}"), 3);
    EXPECT_EQ(ReadMetrics(*w.metrics).at("probe.duration{outcome=miss}"), -1);
    w.wire->reads = false;
    w.advance(100s);
    const ReadMetrics seen(*w.metrics);
    EXPECT_GE(seen.at("probe.duration{outcome=miss}"), 3);
    EXPECT_EQ(seen.at("connection.disconnections{reason=health}"), 1);
    EXPECT_EQ(seen.at("connection.health_changes{to=unhealthy}"), 1);
}

TEST(ConnectionMetrics, a_failing_tool_is_told_from_a_failing_call) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.script->on_request = [](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "tools/call") return false;
        const auto& name = m.at("params").at("name").as_string();
        if (name == "broken") reply(Script::result(m, R"({"content":[],"isError":true})"));
        if (name == "refused") reply(Script::error(m, -32602, "no such thing"));
        return name != "echo";
    };
    (void)w.run(client->call_tool("broken"));
    EXPECT_TRUE(w.result(client->call_tool("refused")).has_error());
    (void)w.run(client->call_tool("echo"));
    const ReadMetrics seen(*w.metrics);
    EXPECT_EQ(seen.at(duration_of("broken", "tool_error")), 1);
    EXPECT_EQ(seen.at(duration_of("refused", "-32602")), 1);
    EXPECT_EQ(seen.at(duration_of("echo")), 1);
    EXPECT_EQ(seen.at("request.outcome{disposition=executed,error.type=tool_error,class=N}"), 1);
    EXPECT_EQ(seen.at("request.outcome{disposition=executed,error.type=rpc_error,class=N}"), 1);
}

TEST(ConnectionMetrics, a_call_that_hangs_is_active_until_it_ends) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.script->on_request = never_answers("tools/call");
    auto call = client->call_tool("slow");
    w.settle();
    EXPECT_EQ(ReadMetrics(*w.metrics).at("request.active{}"), 1);
    w.advance(61s);
    EXPECT_TRUE(call.is_done());
    const ReadMetrics seen(*w.metrics);
    EXPECT_EQ(seen.at("request.active{}"), 0);
    EXPECT_EQ(seen.at(duration_of("slow", "idle_timeout")), 1);
    EXPECT_EQ(seen.at("request.outcome{disposition=maybe_executed,error.type=idle_timeout,class=N}"), 1);
}

TEST(ConnectionMetrics, retries_are_counted_by_what_made_them_needed) {
    auto calls = std::make_shared<CapturedCalls>();
    World w(1, calls);
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.script->on_request = never_answers("tools/list");
    auto listed = client->list_tools(false);
    w.settle();
    w.script->on_request = nullptr;
    w.wire->die();
    w.advance(10s);
    ASSERT_TRUE(listed.is_done());
    EXPECT_FALSE(listed.wait().has_error());
    const ReadMetrics seen(*w.metrics);
    EXPECT_EQ(seen.at("request.retries{reason=connection_lost}"), 1);
    EXPECT_LT(seen.at("request.retry_budget{}"), 10);
    EXPECT_EQ(calls->lines, (std::vector<std::string>{"tools/list  #1.1 connection_lost", "tools/list  #1.2 ok",
                                                      "tools/list  #1.0 ok"}));
}

TEST(CallTrace, every_attempt_carries_a_span_of_its_own_in_the_callers_trace) {
    auto calls = std::make_shared<CapturedCalls>(true);
    World w(1, calls);
    auto c = w.connection();
    auto client = w.run(c.connect());
    CallOptions options;
    options.meta["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    (void)w.run(client->call_tool("echo", json::object(), std::move(options)));
    ASSERT_EQ(calls->records.size(), 2U);
    const TraceContext& attempt = calls->records[0].trace;
    const TraceContext& call = calls->records[1].trace;
    EXPECT_EQ(attempt.parent, call.span);
    EXPECT_EQ(attempt.trace, call.trace);
    EXPECT_EQ(call.trace[0], 0x4b);
    EXPECT_EQ(std::string(calls->versions[0]), "2025-11-25");
    EXPECT_EQ(call.parent[1], 0xf0);
    // What went out names the attempt as the parent of the server's spans.
    const std::string& line = w.script->received.back();
    EXPECT_NE(line.find(R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-)"), std::string::npos) << line;
    EXPECT_EQ(line.find("00f067aa0ba902b7"), std::string::npos) << line;
}

TEST(CallTrace, a_call_that_goes_on_elsewhere_is_one_call_of_two_attempts) {
    auto calls = std::make_shared<CapturedCalls>(true);
    World w(1, calls);
    PoolOptions options;
    options.mode = PoolMode::shared;
    options.min_size = 1;
    options.max_size = 2;
    MCPPool pool("p", StepTransport(w.wire), options, w.options());
    const Lease first = w.run(pool.acquire());
    AcquireOptions alone;
    alone.exclusive = true;
    { const Lease second = w.run(pool.acquire(std::move(alone))); }  // the newer one, and the less used
    w.wire->accepts = 0;
    auto call = pool.client()->call_tool("echo");
    w.settle();
    w.wire->accepts = Wire::all;
    w.refuse_all();
    w.wire->die();
    EXPECT_FALSE(w.run(std::move(call)).is_error);
    ASSERT_EQ(calls->records.size(), 3U);
    const TraceContext& whole = calls->records[2].trace;
    EXPECT_EQ(calls->records[2].attempt, 0);
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_EQ(calls->records[static_cast<std::size_t>(attempt)].trace.trace, whole.trace);
        EXPECT_EQ(calls->records[static_cast<std::size_t>(attempt)].trace.parent, whole.span);
    }
}

TEST(CallTrace, a_call_that_was_refused_is_told_too) {
    auto calls = std::make_shared<CapturedCalls>(true);
    FleetWorld w(ManagerOptions(), 1, calls);
    auto entry = w.entry("s");
    entry.upstream.max_in_flight = 1;
    entry.upstream.max_queued = 0;
    w.server("s").script->on_request = [usual = w.server("s").script->on_request](const json::object& m,
                                                                                  const Script::Reply& reply) {
        return m.at("method").as_string() == "tools/call" || usual(m, reply);
    };
    w.run(w.manager->apply({entry}));
    w.run(w.manager->start_all());
    calls->lines.clear();
    calls->records.clear();
    auto hangs = w.manager->client("s")->call_tool("echo");
    w.advance(std::chrono::milliseconds(1));
    const auto refused = w.result(w.manager->client("s")->call_tool("echo"));
    ASSERT_TRUE(refused.has_error());
    ASSERT_EQ(calls->lines, std::vector<std::string>{"tools/call echo #0.0 queue_full"});
    EXPECT_EQ(calls->records[0].disposition, Disposition::not_sent);
    EXPECT_NE(calls->records[0].trace.span, TraceContext().span);
}

TEST(CallTrace, a_call_whose_turn_did_not_come_is_told_with_its_wait) {
    auto calls = std::make_shared<CapturedCalls>();
    FleetWorld w(ManagerOptions(), 1, calls);
    w.server("s").script->on_request = [](const json::object& m, const Script::Reply&) {
        return m.at("method").as_string() == "tools/call";
    };
    auto entry = w.entry("s");
    entry.upstream.max_in_flight = 1;
    w.run(w.manager->apply({std::move(entry)}));
    w.run(w.manager->start_all());
    calls->lines.clear();
    calls->records.clear();
    auto first = w.manager->client("s")->call_tool("echo");
    CallOptions hurried;
    hurried.max_total_timeout = Seconds(5);
    EXPECT_TRUE(w.result(w.manager->client("s")->call_tool("echo", json::object(), std::move(hurried))).has_error());
    ASSERT_EQ(calls->lines, std::vector<std::string>{"tools/call echo #0.0 deadline_exceeded"});
    EXPECT_EQ(calls->records[0].elapsed, std::chrono::seconds(5));
}

TEST(CallTrace, a_call_that_no_connection_became_free_for_is_told_with_its_wait) {
    auto calls = std::make_shared<CapturedCalls>();
    World w(1, calls);
    PoolOptions options;
    options.max_size = 1;
    options.acquire_timeout = Seconds(3);
    MCPPool pool("p", StepTransport(w.wire), options, w.options());
    AcquireOptions alone;
    alone.exclusive = true;
    const Lease held = w.run(pool.acquire(std::move(alone)));
    EXPECT_TRUE(w.result(pool.client()->call_tool("echo")).has_error());
    ASSERT_EQ(calls->lines, std::vector<std::string>{"tools/call echo #0.0 acquire_timeout"});
    EXPECT_EQ(calls->records[0].elapsed, std::chrono::seconds(3));
}

}  // namespace
}  // namespace haive::mcp::testing
