// Servers leave: one by one, all at once, and while somebody still looks at them.
#include "manager/manager_core.hpp"
#include "support/fleet_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

/// A server with a call that never ends: it is not done with what is under way.
struct Busy {
    explicit Busy(FleetWorld& world) : w(world) {
        w.run(w.manager->apply(w.entries({"s"})));
        w.run(w.manager->start_all());
        w.server("s").script->on_request = never_answers("tools/call");
        call.emplace(w.manager->client("s")->call_tool("echo"));
        w.advance(10ms);
    }
    void expect_closed_in_time() {
        const TimePoint began = w.now();
        w.run(w.manager->close(10s));
        EXPECT_LE(w.now() - began, 10s);
        EXPECT_EQ(w.server("s").wire->live, 0);
        EXPECT_TRUE(call->is_done());
    }
    FleetWorld& w;
    std::optional<Async<CallToolResult>> call;
};

TEST(FleetClosing, TakesAlongWhatWasRemovedBefore) {
    FleetWorld w;
    Busy busy(w);
    w.run(w.manager->apply({}));
    w.advance(1s);
    EXPECT_EQ(w.server("s").wire->live, 1) << "its call may still take half a minute";
    busy.expect_closed_in_time();
}

TEST(FleetClosing, TakesAlongWhatIsBeingRemoved) {
    FleetWorld w;
    Busy busy(w);
    auto removing = w.manager->remove("s");
    w.advance(1s);
    EXPECT_FALSE(removing.is_done());
    busy.expect_closed_in_time();
    EXPECT_TRUE(removing.is_done());
}

TEST(FleetClosing, TakesAlongWhatDoesNotWantToEnd) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    w.server("s").wire->close_takes = 6s;
    w.run(w.manager->apply({}));
    w.advance(1s);
    const TimePoint began = w.now();
    w.run(w.manager->close(10s));
    EXPECT_LE(w.now() - began, 10s);
    EXPECT_EQ(w.server("s").wire->live, 0);
}

TEST(FleetClosing, GoingAwayTakesAlongWhatWasRemovedBefore) {
    FleetWorld w;
    Busy busy(w);
    w.run(w.manager->apply({}));
    w.manager.reset();
    w.advance(10s);
    EXPECT_EQ(w.server("s").wire->live, 0);
}

}  // namespace
}  // namespace haive::mcp::testing
