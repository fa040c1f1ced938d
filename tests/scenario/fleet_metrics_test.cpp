// What breakers, pools and the fleet's limiter look like in the metrics.
#include "haive/mcp/pool/pool.hpp"
#include "support/fleet_world.hpp"
#include "support/read_metrics.hpp"

#include <gtest/gtest.h>

#include <set>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

/// The names of servers that points are labelled with.
class ServerNames final : public MetricsReader {
public:
    explicit ServerNames(const Metrics& metrics) { metrics.read(*this); }
    void family(const MetricFamily& /*family*/) override {}
    void number(MetricLabels labels, double /*value*/) override { note(labels); }
    void histogram(MetricLabels labels, const Histogram::Reading& /*reading*/) override { note(labels); }
    std::set<std::string> all;

private:
    void note(MetricLabels labels) {
        for (const auto& label : labels) {
            if (label.key == "mcp.server.name") all.insert(std::string(label.value));
        }
    }
};

TEST(FleetMetrics, ACircuitThatOpensAndCloses) {
    FleetWorld w;
    auto& server = w.server("s");
    server.script->on_request = [wire = server.wire.get()](const json::object& m, const Script::Reply&) {
        if (m.at("method").as_string() != "tools/call") return false;
        wire->die();
        return true;
    };
    auto entry = w.entry("s");
    entry.connection.max_reconnect_attempts = -1;
    entry.connection.max_reconnect_delay = Seconds(1);
    w.run(w.manager->apply({std::move(entry)}));
    w.run(w.manager->start_all());
    EXPECT_EQ(ReadMetrics(*w.metrics).at("circuit.state{state=closed}"), 1);
    int calls = 0;
    for (;; w.advance(3s)) {
        EXPECT_TRUE(w.result(w.manager->client("s")->call_tool("echo")).has_error());
        if (++calls == 20 || w.manager->upstreams()[0].breaker != "closed") break;
    }
    // With the server out of reach, the next call meets the circuit.
    server.wire->on_open = [](int) { return Error(ErrorKind::server_unavailable, "connection refused"); };
    w.advance(1500ms);
    EXPECT_TRUE(w.result(w.manager->client("s")->call_tool("echo")).has_error());
    const std::string refused = "request.outcome{disposition=not_sent,error.type=circuit_open,class=N}";
    const std::string sent = "request.outcome{disposition=maybe_executed,error.type=connection_lost,class=N}";
    const ReadMetrics open(*w.metrics);
    EXPECT_EQ(open.at("circuit.state{state=open}"), 1);
    EXPECT_EQ(open.at("circuit.state{state=closed}"), 0);
    EXPECT_EQ(open.at("circuit.transitions{to=open}"), 1);
    EXPECT_EQ(open.at(refused), 1);
    EXPECT_EQ(open.at(sent), calls);
    EXPECT_EQ(open.at("request.active{}"), 0);

    server.script->on_request = nullptr;
    server.wire->on_open = nullptr;
    w.advance(30s);
    for (int i = 0; i < 3; ++i) (void)w.run(w.manager->client("s")->call_tool("echo"));
    const ReadMetrics closed(*w.metrics);
    EXPECT_EQ(closed.at("circuit.state{state=closed}"), 1);
    EXPECT_EQ(closed.at("circuit.transitions{to=half_open}"), 1);
    EXPECT_EQ(closed.at("circuit.transitions{to=closed}"), 1);

    // Another entry of the same name begins with a closed circuit, and only its own is told of.
    w.run(w.manager->apply({w.entry("s", "2")}));
    w.advance(1min);
    EXPECT_EQ(ReadMetrics(*w.metrics).at("circuit.state{state=closed}"), 1);
    w.run(w.manager->remove("s"));
    w.advance(1min);
    EXPECT_EQ(ReadMetrics(*w.metrics).at("circuit.state{state=closed}"), 0);
}

TEST(FleetMetrics, ConnectionsThatWaitForLeave) {
    ManagerOptions options;
    options.opens_per_second = 1;
    options.open_burst = 1;
    FleetWorld w(options);
    w.run(w.manager->apply(w.entries({"a", "b", "c"})));
    auto starting = w.manager->start_all();
    w.advance(10ms);
    EXPECT_EQ(ReadMetrics(*w.metrics).at("manager.gated{}"), 2);
    w.run(w.manager->remove("c"));
    EXPECT_EQ(ReadMetrics(*w.metrics).at("manager.gated{}"), 1);
    w.run(std::move(starting));
    EXPECT_EQ(ReadMetrics(*w.metrics).at("manager.gated{}"), 0);
}

TEST(FleetMetrics, CallsThatWaitForTheirTurnArePending) {
    FleetWorld w;
    w.server("s").script->on_request = never_answers("tools/call");
    auto entry = w.entry("s");
    entry.upstream.max_in_flight = 1;
    w.run(w.manager->apply({std::move(entry)}));
    w.run(w.manager->start_all());
    auto first = w.manager->client("s")->call_tool("echo");
    CallOptions hurried;
    hurried.max_total_timeout = Seconds(5);
    auto second = w.manager->client("s")->call_tool("echo", json::object(), std::move(hurried));
    w.advance(1s);
    EXPECT_EQ(ReadMetrics(*w.metrics).at("request.active{}"), 2);
    EXPECT_EQ(ReadMetrics(*w.metrics).at("request.pending{}"), 1);
    w.advance(5s);
    ASSERT_TRUE(second.is_done());
    const ReadMetrics seen(*w.metrics);
    EXPECT_EQ(seen.at("request.active{}"), 1);
    EXPECT_EQ(seen.at("request.pending{}"), 0);
    EXPECT_EQ(seen.at("request.outcome{disposition=not_sent,error.type=deadline_exceeded,class=N}"), 1);
    w.advance(2min);
    EXPECT_TRUE(first.is_done());
}

TEST(FleetMetrics, APoolUnderOneNameHoweverManyMembersItHad) {
    World w;
    PoolOptions options;
    options.max_size = 1;
    options.leak_threshold = Seconds(5);
    options.drain_timeout = Seconds(10);
    {
        MCPPool pool("p", StepTransport(w.wire), options, w.options());
        AcquireOptions alone;
        alone.exclusive = true;
        for (int i = 0; i < 5; ++i) {
            Lease lease = w.run(pool.acquire(alone));
            if (i == 0) {
                AcquireOptions hurried = alone;
                hurried.timeout = Seconds(2);
                auto waiting = pool.acquire(hurried);
                w.advance(1s);
                EXPECT_EQ(ReadMetrics(*w.metrics).at("request.pending{}"), 1);
                EXPECT_TRUE(w.result(std::move(waiting)).has_error());
                w.advance(6s);
            }
            const ReadMetrics seen(*w.metrics);
            EXPECT_EQ(seen.at("request.pending{}"), 0);
            EXPECT_EQ(seen.at("connection.count{state=used}"), 1);
            EXPECT_EQ(seen.at("connection.count{state=idle}"), 0);
            lease.discard();
            w.advance(1s);
        }
        EXPECT_FALSE(w.run(pool.client()->call_tool("echo")).is_error);
        EXPECT_EQ(ReadMetrics(*w.metrics).at("connection.count{state=idle}"), 1);
        // One that nobody gives back is cut off in the end.
        const Lease kept = w.run(pool.acquire(alone));
        w.run(pool.evict());
        w.advance(1s);
        EXPECT_EQ(ReadMetrics(*w.metrics).at("connection.count{state=draining}"), 1);
        EXPECT_EQ(ReadMetrics(*w.metrics).at("connection.count{state=used}"), 0);
        w.advance(15s);
        const ReadMetrics read(*w.metrics);
        EXPECT_EQ(read.at("connection.count{state=draining}"), 0);
        EXPECT_EQ(read.at("pool.max{}"), 1);
        EXPECT_EQ(read.at("pool.idle.min{}"), 0);
        EXPECT_EQ(read.at("pool.timeouts{reason=acquire}"), 1);
        EXPECT_EQ(read.at("pool.timeouts{reason=lease}"), 1);
        EXPECT_EQ(read.at("pool.leaks{reason=held_too_long}"), 2);
        EXPECT_EQ(read.at("pool.evictions{reason=discarded}"), 5);
        EXPECT_EQ(read.at("pool.evictions{reason=evicted}"), 1);
        EXPECT_EQ(read.at("connection.disconnections{reason=rotate}"), 6);
        EXPECT_EQ(read.at("connection.disconnections{reason=user}"), -1);
        EXPECT_EQ(read.at("pool.wait_time{mode=session}"), 7);
        EXPECT_EQ(read.at("pool.use_time{mode=session}"), 6);
        EXPECT_EQ(ServerNames(*w.metrics).all, std::set<std::string>{"p"}) << "members are no names of their own";
    }
    w.advance(1min);
    EXPECT_EQ(ReadMetrics(*w.metrics).at("pool.max{}"), 0) << "what is gone takes its numbers back";
    EXPECT_EQ(ReadMetrics(*w.metrics).at("connection.count{state=idle}"), 0);
}

TEST(FleetMetrics, AMemberThatGivesNoAnswerIsToldFromADiscardedOne) {
    World w;
    PoolOptions options;
    options.max_size = 1;
    options.idle_timeout = Seconds(0);
    MCPPool pool("p", StepTransport(w.wire), options, w.options());
    AcquireOptions alone;
    alone.exclusive = true;
    { const Lease held = w.run(pool.acquire(alone)); }
    w.advance(5min);
    w.wire->reads = false;  // hangs, and nobody has noticed yet
    auto waiting = pool.acquire(alone);
    w.advance(2500ms);
    w.wire->go_on();
    const Lease held = w.run(std::move(waiting));
    EXPECT_EQ(ReadMetrics(*w.metrics).at("pool.evictions{reason=unhealthy}"), 1);
}

}  // namespace
}  // namespace haive::mcp::testing
