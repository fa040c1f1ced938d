// A manager of many servers on moved time: starting, routing, the catalogue, changes while it runs, closing.
#include "support/fleet_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Manager, StartsAllSideBySideAndOffersTheirToolsAsOne) {
    FleetWorld w;
    w.server("one", {"search", "b"});
    w.server("two", {"search", "a"});
    for (auto& [name, server] : w.servers) server.wire->open_takes = 2s;
    w.run(w.manager->apply(w.entries({"one", "two"})));
    const TimePoint began = w.now();
    const auto report = w.run(w.manager->start_all());
    EXPECT_LT(w.now() - began, 2500ms) << "one after the other would be four seconds";
    ASSERT_EQ(report.servers.size(), 2U);
    for (const auto& each : report.servers) EXPECT_EQ(each.outcome, StartResult::Outcome::ready);
    EXPECT_THAT(w.tools(), ElementsAre("b", "one__search", "a", "two__search"));
    w.run(w.manager->call_tool("two__search"));
    EXPECT_THAT(w.server("two").script->executed, ElementsAre("search"));
    EXPECT_THAT(w.server("one").script->executed, IsEmpty());
}

TEST(Manager, ASlowADeadAndAMissingServerDelayNobody) {
    FleetWorld w;
    std::vector<std::string> names;
    for (int i = 0; i < 20; ++i) names.push_back("good" + std::to_string(i));
    for (const char* name : {"silent", "slow", "missing"}) names.emplace_back(name);
    const auto entries = w.entries(names);
    w.server("silent").wire->reads = false;
    w.server("slow").wire->open_takes = 20s;
    w.server("missing").wire->on_open = [](int) {
        Error error(ErrorKind::invalid_command, "no such command: missing");
        error.set_attempt_class(AttemptClass::fatal);
        return error;
    };
    w.run(w.manager->apply(entries));
    auto starting = w.manager->start_all(10s);
    w.advance(200ms);
    EXPECT_FALSE(starting.is_done());
    std::size_t connected = 0;
    for (const auto& each : w.manager->upstreams()) connected += each.freshness == Freshness::current ? 1 : 0;
    EXPECT_EQ(connected, 20U);
    EXPECT_FALSE(w.run(w.manager->client("good7")->call_tool("echo")).is_error);
    const auto report = w.run(std::move(starting));
    std::map<std::string, StartResult::Outcome> outcome;
    for (const auto& each : report.servers) outcome[each.server] = each.outcome;
    EXPECT_EQ(outcome["good3"], StartResult::Outcome::ready);
    EXPECT_EQ(outcome["silent"], StartResult::Outcome::starting);
    EXPECT_EQ(outcome["slow"], StartResult::Outcome::starting);
    EXPECT_EQ(outcome["missing"], StartResult::Outcome::failed);
    w.advance(15s);
    EXPECT_EQ(w.freshness("slow"), Freshness::current) << "late is not failed";
}

TEST(Manager, TheLastListThatIsExpectedIsOfferedAtOnceThoughOneServerIsSilent) {
    FleetWorld w;
    std::vector<UpstreamConfig> servers = w.entries({"silent"});
    w.server("silent").wire->open_takes = 20s;
    w.run(w.manager->apply(servers));
    auto starting = w.manager->start_all(10s);
    w.advance(4s);
    for (const char* name : {"a", "b"}) servers.push_back(w.entry(name));
    w.server("a").wire->open_takes = 1s;
    w.server("b").wire->open_takes = 1s + 2ms;
    w.run(w.manager->apply(servers));
    w.advance(1s + 1ms);
    EXPECT_EQ(w.freshness("a"), Freshness::unknown) << "b comes in a moment, and is merged with it";
    w.advance(1ms);
    for (const char* name : {"a", "b"}) EXPECT_EQ(w.freshness(name), Freshness::current) << name;
    EXPECT_FALSE(starting.is_done());
    (void)w.run(std::move(starting));
}

TEST(Manager, AServerThatHangsInItsListIsNotWaitedForWithTheOthers) {
    FleetWorld w;
    w.server("hangs").script->on_request = [](const json::object& m, const Script::Reply&) {
        return m.at("method").as_string() == "tools/list";
    };
    std::vector<UpstreamConfig> servers = w.entries({"hangs"});
    w.run(w.manager->apply(servers));
    auto starting = w.manager->start_all(20s);
    w.advance(2s);
    servers.push_back(w.entry("a"));
    w.run(w.manager->apply(servers));
    w.advance(100us);
    EXPECT_EQ(w.freshness("a"), Freshness::current);
    (void)w.run(std::move(starting));
}

TEST(Manager, ALossDoesNotSlowDownWhatTheOthersOffer) {
    FleetWorld w;
    std::vector<UpstreamConfig> servers = w.entries({"s"});
    w.run(w.manager->apply(servers));
    w.run(w.manager->start_all());
    w.server("s").script->on_request = nullptr;
    w.server("s").wire->say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n");
    w.advance(49ms);
    w.server("s").wire->reads = false;
    w.advance(2ms);  // it is being listed
    w.server("s").wire->die();
    w.server("s").wire->on_open = [](int) { return Error(ErrorKind::server_unavailable, "gone"); };
    w.advance(20s);
    servers.push_back(w.entry("a"));
    w.run(w.manager->apply(servers));
    w.advance(100us);
    EXPECT_EQ(w.freshness("a"), Freshness::current);
}

TEST(Manager, IsReadyWhenTheRequiredServersAre) {
    FleetWorld w;
    auto entries = w.entries({"vital", "extra"});
    entries[0].upstream.required = true;
    w.server("extra").wire->on_open = [](int) { return Error(ErrorKind::server_unavailable, "refused"); };
    w.run(w.manager->apply(entries));
    EXPECT_FALSE(w.manager->health().ready);
    EXPECT_TRUE(w.run(w.manager->start_all()).ready());
    auto health = w.manager->health();
    EXPECT_TRUE(health.ready);
    EXPECT_EQ(health.by_status["connected"], 1U);
    EXPECT_EQ(health.lowest_score, 0);
    w.server("vital").wire->die();
    w.rt.loop->settle();
    EXPECT_THAT(w.manager->health().not_ready, ElementsAre("vital"));
}

TEST(Manager, UnknownNamesSayWhatComesNear) {
    FleetWorld w;
    w.server("files", {"read_file", "write_file"});
    auto entries = w.entries({"files", "later"});
    entries[1].upstream.start = StartPolicy::lazy;
    w.run(w.manager->apply(entries));
    w.run(w.manager->start_all());
    const auto failed = w.result(w.manager->call_tool("read_fiel"));
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::capability_missing);
    EXPECT_EQ(failed.error().disposition(), Disposition::not_sent);
    EXPECT_THAT(failed.error().to_string(), HasSubstr("did you mean read_file"));
    EXPECT_THAT(failed.error().message(), HasSubstr("not listed yet: later"));
    EXPECT_EQ(w.manager->client("nobody"), nullptr);
}

TEST(Manager, ANameThatSeveralServersShareIsFoundByItsOwnSpelling) {
    FleetWorld w;
    w.server("one", {"search"});
    w.server("two", {"search"});
    w.run(w.manager->apply(w.entries({"one", "two"})));
    w.run(w.manager->start_all());
    for (const char* meant : {"search", "serach"}) {
        const auto failed = w.result(w.manager->call_tool(meant));
        ASSERT_TRUE(failed.has_error());
        EXPECT_THAT(failed.error().to_string(), HasSubstr("did you mean one__search, two__search"));
    }
}

TEST(Manager, TouchesOnlyWhatChanged) {
    FleetWorld w;
    std::vector<std::string> names;
    for (int i = 0; i < 10; ++i) names.push_back("s" + std::to_string(i));
    w.run(w.manager->apply(w.entries(names)));
    w.run(w.manager->start_all());
    auto entries = w.entries(names);
    entries[3] = w.entry("s3", "2");
    entries.erase(entries.begin() + 7);
    const auto report = w.run(w.manager->apply(entries));
    EXPECT_THAT(report.changed, ElementsAre("s3"));
    EXPECT_THAT(report.removed, ElementsAre("s7"));
    EXPECT_EQ(report.unchanged.size(), 8U);
    w.advance(1h);
    for (const auto& name : names) {
        EXPECT_EQ(w.servers[name].wire->opened, name == "s3" ? 2 : 1) << name;
        EXPECT_EQ(w.servers[name].wire->live, name == "s7" ? 0 : 1) << name;
    }
}

TEST(Manager, AChangedServerFinishesWhatIsUnderWayWhileItsSuccessorWorks) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    Script::Reply answer;
    json::object asked;
    auto usual = w.server("s").script->on_request;
    w.server("s").script->on_request = [&, usual](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "tools/call" || answer) return usual(m, reply);
        answer = reply;
        asked = m;
        return true;
    };
    const auto old_client = w.manager->client("s");
    auto slow = old_client->call_tool("echo");
    w.advance(1s);
    ASSERT_TRUE(answer);
    w.run(w.manager->apply({w.entry("s", "2")}));
    w.advance(1s);
    EXPECT_EQ(w.server("s").wire->live, 2) << "both, until the call is over";
    EXPECT_THAT(w.tools(), ElementsAre("echo"));
    EXPECT_FALSE(w.run(w.manager->call_tool("echo")).is_error) << "the successor answers";
    answer(Script::result(asked, R"({"content":[{"type":"text","text":"late"}]})"));
    EXPECT_EQ(w.run(std::move(slow)).text(), "late");
    w.advance(10s);
    EXPECT_EQ(w.server("s").wire->live, 1);
    const auto refused = w.result(old_client->call_tool("echo"));
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().kind(), ErrorKind::shutdown);
    EXPECT_EQ(refused.error().disposition(), Disposition::not_sent);
}

// Removing while a retry sleeps must not bring the server back (user pains, 4.9).
TEST(Manager, ARemovedServerNeverComesBack) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s", "other"})));
    w.run(w.manager->start_all());
    w.server("s").wire->on_open = [](int) { return Error(ErrorKind::server_unavailable, "refused"); };
    w.server("s").wire->die();
    w.advance(1s);
    const int attempts = w.server("s").wire->attempts;
    EXPECT_TRUE(w.run(w.manager->remove("s")));
    EXPECT_FALSE(w.run(w.manager->remove("s")));
    w.server("s").wire->on_open = nullptr;
    w.advance(24h);
    EXPECT_EQ(w.server("s").wire->attempts, attempts);
    EXPECT_EQ(w.manager->client("s"), nullptr);
    EXPECT_THAT(w.tools(), ElementsAre("echo")) << "the other's";
}

TEST(Manager, ARemovalDuringAnAttemptIsARemoval) {
    FleetWorld w;
    w.server("s").wire->open_takes = 5s;
    w.run(w.manager->apply(w.entries({"s"})));
    auto starting = w.manager->start_all();
    w.advance(1s);
    w.run(w.manager->apply({}));
    w.run(std::move(starting));
    w.advance(1h);
    EXPECT_EQ(w.server("s").wire->live, 0);
    EXPECT_EQ(w.server("s").wire->attempts, 1);
    EXPECT_THAT(w.tools(), IsEmpty());
}

TEST(Manager, KeepsTheLastGoodCatalogueWhileAServerIsAwayAndMarksIt) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    EXPECT_EQ(w.freshness("s"), Freshness::current);
    std::vector<CatalogueDiff> diffs;
    w.manager->set_catalogue_listener([&](const Catalogue&, const CatalogueDiff& diff) { diffs.push_back(diff); });
    w.server("s").wire->die();
    w.advance(100ms);
    EXPECT_THAT(w.tools(), ElementsAre("echo"));
    EXPECT_EQ(w.freshness("s"), Freshness::stale);
    FleetWorld::offer(w.server("s"), {"echo", "new_tool"});
    w.advance(10s);
    EXPECT_THAT(w.tools(), ElementsAre("echo", "new_tool")) << "listed anew after the reconnect";
    EXPECT_EQ(w.freshness("s"), Freshness::current);
    for (const auto& diff : diffs) EXPECT_THAT(diff.tools.removed, IsEmpty());
    EXPECT_THAT(diffs.back().tools.added, ElementsAre("new_tool"));
}

TEST(Manager, ABurstOfChangeNoticesIsOneListing) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    const int before = w.server("s").script->count("tools/list");
    FleetWorld::offer(w.server("s"), {"other"});
    for (int i = 0; i < 100; ++i) {
        w.server("s").wire->say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n");
    }
    w.advance(5s);
    EXPECT_LE(w.server("s").script->count("tools/list") - before, 2);
    EXPECT_THAT(w.tools(), ElementsAre("other"));
}

TEST(Manager, AListingThatFailsIsTriedAgain) {
    FleetWorld w;
    auto usual = w.server("s").script->on_request;
    int asked = 0;
    w.server("s").script->on_request = [&, usual](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() == "tools/list" && ++asked <= 2) {
            reply(Script::result(m, R"({"tools":"none of your business"})"));
            return true;
        }
        return usual(m, reply);
    };
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    w.advance(10s);
    EXPECT_THAT(w.tools(), ElementsAre("echo"));
    EXPECT_EQ(w.freshness("s"), Freshness::current);
}

TEST(Manager, ALazyServerStartsWithItsFirstUse) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].upstream.start = StartPolicy::lazy;
    w.run(w.manager->apply(entries));
    EXPECT_EQ(w.run(w.manager->start_all()).servers[0].outcome, StartResult::Outcome::not_asked);
    w.advance(1h);
    EXPECT_EQ(w.server("s").wire->attempts, 0);
    EXPECT_FALSE(w.run(w.manager->client("s")->call_tool("echo")).is_error);
    w.advance(1h);
    EXPECT_EQ(w.server("s").wire->live, 1) << "and stays";
}

TEST(Manager, AServerOnUseIsClosedWhenIdleAndKeepsItsPlaceInTheCatalogue) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].upstream.start = StartPolicy::on_use;
    entries[0].upstream.idle_stop = 60s;
    w.run(w.manager->apply(entries));
    w.run(w.manager->start("s"));
    EXPECT_EQ(w.server("s").wire->live, 1);
    w.advance(2min);
    EXPECT_EQ(w.server("s").wire->live, 0);
    EXPECT_THAT(w.tools(), ElementsAre("echo"));
    EXPECT_EQ(w.freshness("s"), Freshness::stale);
    EXPECT_FALSE(w.run(w.manager->call_tool("echo")).is_error) << "a call opens it again";
    w.advance(30s);
    w.run(w.manager->call_tool("echo"));
    w.advance(40s);
    EXPECT_EQ(w.server("s").wire->live, 1) << "used a moment ago";
    w.advance(60s);
    EXPECT_EQ(w.server("s").wire->live, 0);
}

TEST(Manager, ACallToADeadServerFailsFastWithTheReason) {
    FleetWorld w;
    w.server("s").wire->on_open = [](int) { return Error(ErrorKind::server_unavailable, "connection refused"); };
    w.run(w.manager->apply(w.entries({"s"})));
    EXPECT_EQ(w.run(w.manager->start_all()).servers[0].outcome, StartResult::Outcome::failed);
    w.advance(5min);
    const TimePoint began = w.now();
    const auto failed = w.result(w.manager->client("s")->call_tool("echo"));
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().disposition(), Disposition::not_sent);
    EXPECT_THAT(failed.error().to_string(), HasSubstr("connection refused"));
    EXPECT_LE(w.now() - began, 5s);
}

TEST(Manager, OffersAtOnceWhatAnEarlierRunListed) {
    const auto file = std::filesystem::path(::testing::TempDir()) / "catalogue" / "kept.json";
    std::filesystem::remove(file);
    ManagerOptions options;
    options.catalogue_file = file.string();
    {
        FleetWorld w(options);
        w.server("s", {"a", "b"});
        w.run(w.manager->apply(w.entries({"s", "gone"})));
        w.run(w.manager->start_all());
        w.advance(3s);
        w.run(w.manager->close());
    }
    EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    FleetWorld w(options);
    w.server("s").wire->on_open = [](int) { return Error(ErrorKind::server_unavailable, "refused"); };
    w.run(w.manager->apply({w.entry("s"), w.entry("gone", "another entry")}));
    EXPECT_THAT(w.tools(), ElementsAre("a", "b")) << "another entry is another server";
    EXPECT_EQ(w.freshness("s"), Freshness::cached);
    w.run(w.manager->start_all(1s));
    EXPECT_THAT(w.tools(), ElementsAre("a", "b", "echo"));
    std::filesystem::remove(file);
}

TEST(Manager, ClosesAllSideBySideWithinItsTime) {
    FleetWorld w;
    std::vector<std::string> names;
    for (int i = 0; i < 50; ++i) names.push_back("s" + std::to_string(i));
    const auto entries = w.entries(names);
    for (auto& [name, server] : w.servers) server.wire->close_takes = 5s;
    w.run(w.manager->apply(entries));
    w.run(w.manager->start_all());
    w.server("s1").script->on_request = never_answers("tools/call");
    auto hangs = w.manager->client("s1")->call_tool("echo");
    w.advance(10ms);
    const TimePoint began = w.now();
    w.run(w.manager->close());
    EXPECT_LE(w.now() - began, 10s);
    for (auto& [name, server] : w.servers) EXPECT_EQ(server.wire->live, 0) << name;
    EXPECT_TRUE(w.result(std::move(hangs)).has_error());
    w.run(w.manager->close());
    EXPECT_TRUE(w.result(w.manager->apply(w.entries({"s1"}))).has_error());
}

TEST(Manager, GoingAwayClosesItsServers) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"a", "b"})));
    w.run(w.manager->start_all());
    w.manager.reset();
    w.advance(10s);
    for (auto& [name, server] : w.servers) EXPECT_EQ(server.wire->live, 0) << name;
}

TEST(Manager, TwoServersOfOneNameAreRefusedAndNothingChanges) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"a"})));
    EXPECT_THROW((void)w.manager->apply(w.entries({"b", "b"})), std::invalid_argument);
    EXPECT_TRUE(w.result(w.manager->add(w.entry("a"))).has_error());
    EXPECT_EQ(w.manager->upstreams().size(), 1U);
}

TEST(Manager, AServerWithAPoolSpreadsItsCallsAndKeepsAskersApart) {
    FleetWorld w;
    auto entry = w.entry("s");
    entry.pool = PoolOptions();
    entry.pool->max_size = 4;
    entry.pool->max_in_flight = 2;
    w.run(w.manager->apply({entry}));
    w.run(w.manager->start_all());
    EXPECT_EQ(w.server("s").wire->opened, 1);
    EXPECT_FALSE(w.run(w.manager->call_tool("echo")).is_error);
    EXPECT_FALSE(w.run(w.manager->client("s", "alice")->call_tool("echo")).is_error);
    EXPECT_EQ(w.server("s").wire->opened, 2) << "alice has her own";
    w.server("s").script->on_request = never_answers("tools/call");
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 3; ++i) calls.push_back(w.manager->client("s", "alice")->call_tool("echo"));
    w.advance(2s);
    const auto info = w.manager->upstreams()[0];
    ASSERT_TRUE(info.pool);
    EXPECT_EQ(info.pool->active, 2) << "three calls on two of her own";
    EXPECT_LE(w.server("s").wire->live, 4);
    w.run(w.manager->close());
    w.advance(10s);
    EXPECT_EQ(w.server("s").wire->live, 0);
    for (auto& call : calls) EXPECT_TRUE(w.result(std::move(call)).has_error());
}

TEST(Manager, AnAskerWhoCanNeverHaveAConnectionIsToldWhyAtOnce) {
    FleetWorld w;
    auto entry = w.entry("s");
    entry.pool = PoolOptions();
    entry.pool->max_size = 1;
    w.run(w.manager->apply({entry}));
    w.run(w.manager->start_all());
    EXPECT_FALSE(w.run(w.manager->call_tool("echo")).is_error);
    const TimePoint began = w.now();
    const auto refused = w.result(w.manager->client("s", "alice")->call_tool("echo"));
    ASSERT_TRUE(refused.has_error());
    EXPECT_LT(w.now() - began, 1s);
    EXPECT_EQ(refused.error().kind(), ErrorKind::not_connected);
    EXPECT_EQ(refused.error().disposition(), Disposition::not_sent);
    EXPECT_NE(refused.error().details().mend.find("max_size"), std::string::npos);
    EXPECT_FALSE(w.run(w.manager->call_tool("echo")).is_error);
}

}  // namespace
}  // namespace haive::mcp::testing
