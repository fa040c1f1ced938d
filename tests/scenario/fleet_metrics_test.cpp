// What breakers, pools and the fleet's limiter look like in the metrics.
#include "haive/mcp/pool/pool.hpp"
#include "support/fleet_world.hpp"
#include "support/read_metrics.hpp"

#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

TEST(FleetMetrics, ACircuitThatOpens) {
    FleetWorld w;
    auto& server = w.server("s");
    server.script->on_request = [wire = server.wire.get()](const json::object& m, const Script::Reply&) {
        if (m.at("method").as_string() != "tools/call") return false;
        wire->die();
        return true;
    };
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    EXPECT_EQ(ReadMetrics(*w.metrics).at("circuit.state{state=closed}"), 1);
    for (int i = 0; i < 10 && w.manager->upstreams()[0].breaker == "closed"; ++i) {
        (void)w.result(w.manager->client("s")->call_tool("echo"));
        w.advance(3s);
    }
    const ReadMetrics read(*w.metrics);
    EXPECT_EQ(read.at("circuit.state{state=open}"), 1);
    EXPECT_EQ(read.at("circuit.transitions{to=open}"), 1);
}

TEST(FleetMetrics, ConnectionsThatWaitForLeave) {
    ManagerOptions options;
    options.opens_per_second = 1;
    options.open_burst = 1;
    FleetWorld w(options);
    w.run(w.manager->apply(w.entries({"a", "b", "c"})));
    auto starting = w.manager->start_all();
    w.advance(10ms);
    EXPECT_EQ(w.metrics->gated.value(), 2);
    w.run(w.manager->remove("c"));
    EXPECT_EQ(w.metrics->gated.value(), 1);
    w.run(std::move(starting));
    EXPECT_EQ(w.metrics->gated.value(), 0);
}

TEST(FleetMetrics, APoolUnderOneNameHoweverManyMembersItHad) {
    World w;
    PoolOptions options;
    options.max_size = 1;
    options.leak_threshold = Seconds(5);
    MCPPool pool("p", StepTransport(w.wire), options, w.options());
    AcquireOptions alone;
    alone.exclusive = true;
    for (int i = 0; i < 5; ++i) {
        Lease lease = w.run(pool.acquire(alone));
        if (i == 0) {
            AcquireOptions hurried = alone;
            hurried.timeout = Seconds(1);
            EXPECT_TRUE(w.result(pool.acquire(hurried)).has_error());
            w.advance(6s);
        }
        lease.discard();
        w.advance(1s);
    }
    const ReadMetrics read(*w.metrics);
    EXPECT_EQ(read.at("pool.max{}"), 1);
    EXPECT_EQ(read.at("pool.timeouts{reason=acquire}"), 1);
    EXPECT_EQ(read.at("pool.leaks{}"), 1);
    EXPECT_EQ(read.at("pool.evictions{reason=rotated}"), 5);
    std::size_t names = 0;
    struct Names final : MetricsReader {
        void family(const MetricFamily&) override {}
        void number(MetricLabels labels, double) override { note(labels); }
        void histogram(MetricLabels labels, const Histogram::Reading&) override { note(labels); }
        void note(MetricLabels labels) {
            for (const auto& label : labels) {
                if (label.key == "mcp.server.name") seen.insert(std::string(label.value));
            }
        }
        std::set<std::string> seen;
    } all;
    w.metrics->read(all);
    names = all.seen.size();
    EXPECT_EQ(names, 1U) << "members come and go: they are no names of their own";
}

}  // namespace
}  // namespace haive::mcp::testing
