// What a server offers, while it cannot say so.
#include "support/fleet_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// From now on the server answers `method` with this error; all else as before.
void refuse(FleetWorld::Server& server, std::string method, int code) {
    server.script->on_request = [usual = server.script->on_request, method = std::move(method),
                                 code](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != method) return usual && usual(m, reply);
        reply(Script::error(m, code, "its backend restarts"));
        return true;
    };
}

void announce(FleetWorld::Server& server) {
    server.wire->say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n");
}

TEST(FleetListing, AnErrorDoesNotEmptyTheList) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    refuse(w.server("s"), "tools/list", -32603);
    announce(w.server("s"));
    w.advance(10s);
    EXPECT_THAT(w.tools(), ElementsAre("echo"));
    EXPECT_EQ(w.freshness("s"), Freshness::stale);
    FleetWorld::offer(w.server("s"), {"echo", "fresh"});
    w.advance(30s);
    EXPECT_THAT(w.tools(), ElementsAre("echo", "fresh"));
    EXPECT_EQ(w.freshness("s"), Freshness::current);
}

TEST(FleetListing, AServerThatDoesNotKnowTheMethodOffersNothing) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    refuse(w.server("s"), "tools/list", -32601);
    announce(w.server("s"));
    w.advance(10s);
    EXPECT_THAT(w.tools(), IsEmpty());
    EXPECT_EQ(w.freshness("s"), Freshness::current);
}

TEST(FleetListing, ItIsAskedAgainHoweverLongItFails) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    refuse(w.server("s"), "tools/list", -32603);
    announce(w.server("s"));
    w.advance(10min);
    const int before = w.server("s").script->count("tools/list");
    w.advance(10min);
    EXPECT_LE(w.server("s").script->count("tools/list") - before, 21);
    EXPECT_GE(w.server("s").script->count("tools/list") - before, 19);
    FleetWorld::offer(w.server("s"), {"back"});
    w.advance(31s);
    EXPECT_THAT(w.tools(), ElementsAre("back"));
    EXPECT_EQ(w.freshness("s"), Freshness::current);
}

TEST(FleetListing, OneListThatFailsHoldsUpNoOther) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    refuse(w.server("s"), "prompts/list", -32603);
    w.run(w.manager->start_all(1s));
    w.advance(10min);
    EXPECT_EQ(w.freshness("s"), Freshness::stale);
    FleetWorld::offer(w.server("s"), {"fresh"});
    refuse(w.server("s"), "prompts/list", -32603);
    announce(w.server("s"));
    w.advance(1s);
    EXPECT_THAT(w.tools(), ElementsAre("fresh")) << "now, and not with the next attempt at the prompts";
    EXPECT_EQ(w.freshness("s"), Freshness::stale) << "there are still no prompts";
}

// M-8
TEST(FleetListing, AServerWithoutItsListsIsNotReady) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].upstream.required = true;
    w.run(w.manager->apply(entries));
    refuse(w.server("s"), "tools/list", -32603);
    const auto report = w.run(w.manager->start_all(10s));
    EXPECT_EQ(report.servers[0].outcome, StartResult::Outcome::starting);
    EXPECT_FALSE(report.ready());
    ASSERT_TRUE(report.servers[0].error);
    EXPECT_THAT(report.servers[0].error->to_string(), HasSubstr("its backend restarts"));
}

TEST(FleetListing, AStartWaitsForListsThatComeLate) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    refuse(w.server("s"), "tools/list", -32603);
    auto starting = w.manager->start_all(20s);
    w.advance(500ms);
    EXPECT_FALSE(starting.is_done());
    FleetWorld::offer(w.server("s"), {"echo"});
    const auto report = w.run(std::move(starting));
    EXPECT_EQ(report.servers[0].outcome, StartResult::Outcome::ready);
    EXPECT_LE(report.servers[0].took, 3s);
}

TEST(FleetListing, AServerThatOffersNothingIsReady) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.server("s").script->capabilities = "{}";
    EXPECT_EQ(w.run(w.manager->start_all()).servers[0].outcome, StartResult::Outcome::ready);
    EXPECT_EQ(w.freshness("s"), Freshness::current);
}

}  // namespace
}  // namespace haive::mcp::testing
