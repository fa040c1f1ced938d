// The bugs that other clients had in their own repairs, one test each: numbers as in the list of them in
// docs/internals/known_bugs.md, which says where the guard is. Here on the whole stack, on moved time.
#include "support/fleet_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Answers each tool call by breaking the connection, once it is told to.
struct Fragile {
    explicit Fragile(FleetWorld& w, const std::string& name = "s") {
        auto& server = w.server(name);
        // By pointer: the wire holds the script, and lives as long as the world.
        server.script->on_request = [this, wire = server.wire.get(), usual = server.script->on_request](
                                        const json::object& m, const Script::Reply& reply) {
            if (m.at("method").as_string() == "ping") ++pings;
            if (m.at("method").as_string() != "tools/call" || !broken) return usual(m, reply);
            ++calls;
            wire->die();
            return true;
        };
    }
    bool broken = true;
    int calls = 0;
    int pings = 0;
};

/// One call each time the server is there again, until the breaker has had enough.
void trip(FleetWorld& w) {
    for (int i = 0; i < 10 && w.manager->upstreams()[0].breaker == "closed"; ++i) {
        (void)w.result(w.manager->client("s")->call_tool("echo"));
        w.advance(3s);
    }
}

class KnownBugs : public ::testing::Test {
protected:
    FleetWorld w_;
    void up(std::vector<UpstreamConfig> entries) {
        w_.run(w_.manager->apply(std::move(entries)));
        w_.run(w_.manager->start_all());
    }
    UpstreamConfig patient(const std::string& name = "s") {
        auto out = w_.entry(name);
        out.connection.max_reconnect_attempts = -1;
        return out;
    }
    FleetWorld::Server& server() { return w_.server("s"); }
    static Error refused() { return Error(ErrorKind::server_unavailable, "connection refused"); }
};

TEST_F(KnownBugs, N01_ABreakerThatFailsItsProbesStillHalfOpens) {
    Fragile fragile(w_);
    up({patient()});
    trip(w_);
    ASSERT_EQ(w_.manager->upstreams()[0].breaker, "open");
    server().wire->on_open = [](int) { return refused(); };
    server().wire->die();
    for (int i = 0; i < 40; ++i) {  // users go on asking while probes fail
        (void)w_.result(w_.manager->client("s")->call_tool("echo"));
        w_.advance(7s);
    }
    server().wire->on_open = nullptr;
    fragile.broken = false;
    w_.advance(301s);
    EXPECT_FALSE(w_.run(w_.manager->client("s")->call_tool("echo")).is_error);
}

TEST_F(KnownBugs, N02_ATrialThatEndsAnyWayGivesItsPlaceBack) {
    Fragile fragile(w_);
    up({patient()});
    trip(w_);
    fragile.broken = false;
    w_.advance(301s);
    server().script->on_request = never_answers("tools/call");
    for (int i = 0; i < 5; ++i) {
        auto call = w_.manager->client("s")->call_tool("echo");
        w_.advance(10ms);
        call.cancel();
        const auto ended = w_.result(std::move(call));
        ASSERT_TRUE(ended.has_error());
        EXPECT_EQ(ended.error().kind(), ErrorKind::cancelled) << i << ": not circuit_open";
    }
}

TEST_F(KnownBugs, N03_ToolAndJsonRpcErrorsDoNotTripTheBreaker) {
    up({w_.entry("s")});
    server().script->on_request = [](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "tools/call") return false;
        reply(Script::error(m, -32602, "Unknown tool"));
        return true;
    };
    for (int i = 0; i < 30; ++i) {
        (void)w_.result(w_.manager->client("s")->call_tool("echo"));
        w_.advance(1s);
    }
    EXPECT_EQ(w_.manager->upstreams()[0].breaker, "closed");
}

TEST_F(KnownBugs, N03_CallsThatRacedAReconnectDoNotTripTheBreaker) {
    up({patient()});
    for (int i = 0; i < 20; ++i) {
        server().wire->die();  // between calls: nothing was under way
        CallOptions at_once;
        at_once.wait_for_ready = false;
        (void)w_.result(w_.manager->client("s")->call_tool("echo", {}, at_once));
        w_.advance(40s);
    }
    EXPECT_EQ(w_.manager->upstreams()[0].breaker, "closed");
}

TEST_F(KnownBugs, N04_WhileABreakerIsOpenCallsOpenNoConnections) {
    Fragile fragile(w_);
    up({patient()});
    trip(w_);
    ASSERT_EQ(w_.manager->upstreams()[0].breaker, "open");
    server().wire->on_open = [](int) { return refused(); };
    server().wire->die();
    w_.advance(10min);  // attempts are rare by now, and a probe has failed
    (void)w_.result(w_.manager->client("s")->call_tool("echo"));
    const int before = server().wire->attempts;
    for (int i = 0; i < 1000; ++i) {
        const auto refused_call = w_.result(w_.manager->client("s")->call_tool("echo"));
        ASSERT_EQ(refused_call.error().kind(), ErrorKind::circuit_open);
    }
    EXPECT_EQ(server().wire->attempts, before);
}

TEST_F(KnownBugs, N04_APersonsReconnectResetsTheBreaker) {
    Fragile fragile(w_);
    up({patient()});
    trip(w_);
    ASSERT_EQ(w_.manager->upstreams()[0].breaker, "open");
    fragile.broken = false;
    EXPECT_TRUE(w_.run(w_.manager->reconnect("s")));
    EXPECT_FALSE(w_.run(w_.manager->client("s")->call_tool("echo")).is_error);
    EXPECT_EQ(w_.manager->upstreams()[0].breaker, "closed");
}

TEST_F(KnownBugs, N05_FiveDropsInFiveDaysAreFiveOutages) {
    up({w_.entry("s")});
    for (int day = 0; day < 8; ++day) {
        w_.advance(24h);
        server().wire->die();
        w_.advance(1min);
        ASSERT_EQ(w_.manager->health().by_status["connected"], 1U) << "day " << day;
    }
}

TEST_F(KnownBugs, N05_AServerThatFlapsIsNotANewOutageEachTime) {
    auto entry = w_.entry("s");
    entry.connection.revive_after = 0s;  // a fleet would give it five more attempts every five minutes
    up({entry});
    const int before = server().wire->attempts;
    for (int i = 0; i < 200; ++i) {
        server().wire->die();
        w_.advance(5s);
    }
    EXPECT_LE(server().wire->attempts - before, 6);
}

TEST_F(KnownBugs, N06_AFailedAttemptIsGoneBeforeTheNext) {
    server().wire->reads = false;
    server().wire->close_takes = 4s;
    auto entry = w_.entry("s");
    entry.connection.connection_timeout = 2s;
    entry.connection.reconnect_delay = 100ms;
    w_.run(w_.manager->apply({entry}));
    w_.run(w_.manager->start_all(5s));
    w_.advance(1min);
    EXPECT_GT(server().wire->opened, 3);
    EXPECT_EQ(server().wire->most_live, 1);
}

TEST_F(KnownBugs, N07_ALateAnswerToAHandshakeIsNobodysAnswer) {
    up({w_.entry("s")});
    const auto before = server().script->received;  // the handshake, and what was asked since
    server().script->on_request = never_answers("tools/call");
    auto call = w_.manager->client("s")->call_tool("echo");
    w_.advance(10ms);
    int late = 0;
    for (const auto& line : before) {
        const auto message = json::parse(line).as_object();
        if (!message.contains("id")) continue;
        server().wire->say(Script::result(message, R"({"content":[]})") + "\n");
        ++late;
    }
    EXPECT_GE(late, 2);
    w_.advance(1s);
    EXPECT_FALSE(call.is_done());
    EXPECT_EQ(w_.manager->health().by_status["connected"], 1U);
}

TEST_F(KnownBugs, N08_AfterAReconnectTheNewToolsAreOfferedAndTheOldOnesAreNot) {
    w_.server("s", {"old"});
    up({w_.entry("s")});
    FleetWorld::offer(server(), {"new"});
    server().wire->die();
    w_.advance(10s);
    EXPECT_THAT(w_.tools(), ElementsAre("new"));
    EXPECT_FALSE(w_.run(w_.manager->call_tool("new")).is_error);
}

TEST_F(KnownBugs, N09_TwoAppliesAtOnceLeaveTheSecond) {
    up(w_.entries({"a", "old"}));  // running, so that what either of the two opens is open
    auto first = w_.manager->apply(w_.entries({"a", "b"}));
    auto second = w_.manager->apply(w_.entries({"b", "c"}));
    const auto report = w_.run(std::move(first));
    EXPECT_THAT(report.added, ElementsAre("b"));
    EXPECT_THAT(report.removed, ElementsAre("old"));
    const auto later = w_.run(std::move(second));
    EXPECT_THAT(later.unchanged, ElementsAre("b"));
    EXPECT_THAT(later.removed, ElementsAre("a"));
    w_.advance(1min);
    std::vector<std::string> names;
    for (const auto& each : w_.manager->upstreams()) names.push_back(each.name);
    EXPECT_THAT(names, ElementsAre("b", "c"));
    EXPECT_EQ(w_.server("a").wire->live, 0);
    EXPECT_EQ(w_.server("old").wire->live, 0);
    EXPECT_EQ(w_.server("b").wire->opened, 1);
    EXPECT_EQ(w_.server("c").wire->live, 1);
}

TEST_F(KnownBugs, N10_AServersOwnMinus32000AndTalkOfAuthorizationCostNoConnection) {
    up({w_.entry("s")});
    for (const char* text : {"Connection closed", "authorization required", "session not found"}) {
        server().script->on_request = [text](const json::object& m, const Script::Reply& reply) {
            if (m.at("method").as_string() != "tools/call") return false;
            reply(Script::error(m, -32000, text));
            return true;
        };
        const auto answer = w_.result(w_.manager->client("s")->call_tool("echo"));
        ASSERT_TRUE(answer.has_error());
        EXPECT_EQ(answer.error().kind(), ErrorKind::rpc_error) << text;
        EXPECT_EQ(answer.error().disposition(), Disposition::executed) << text;
    }
    w_.advance(1min);
    EXPECT_EQ(server().wire->opened, 1);
}

class RefusedPings : public KnownBugs, public ::testing::WithParamInterface<std::pair<int, const char*>> {};

TEST_P(RefusedPings, N11_AnAnswerIsASignOfLifeWhateverItSays) {
    // The first ping is answered well: no jury sits over a server that has answered one.
    int pings = 0;
    server().script->on_request = [&pings](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "ping" || ++pings == 1) return false;
        reply(Script::error(m, GetParam().first, GetParam().second));
        return true;
    };
    up({w_.entry("s")});
    w_.advance(2h);
    EXPECT_GT(pings, 10);
    EXPECT_EQ(server().wire->opened, 1);
    EXPECT_EQ(w_.manager->health().by_status["connected"], 1U);
    const auto seen = w_.manager->upstreams()[0];
    EXPECT_GT(seen.health.score, 0.95) << "nor is it less healthy for it";
    EXPECT_EQ(seen.connection.metadata.at("error_count").to_number<int>(), 0) << "no probe of it is missed";
}

INSTANTIATE_TEST_SUITE_P(Codes, RefusedPings,
                         ::testing::Values(std::pair(-32601, "Method not found"), std::pair(-32600, "Invalid Request"),
                                           std::pair(-32603, "Internal error"), std::pair(-32000, "what is a ping?")),
                         [](const auto& param) { return "minus" + std::to_string(-param.param.first); });

TEST_F(KnownBugs, N11_SoIsAnErrorThatACallIsAnsweredWith) {
    bool deaf = false;  // to pings, from the second on
    server().script->on_request = [&deaf](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() == "ping") return std::exchange(deaf, true);
        if (m.at("method").as_string() != "tools/call") return false;
        reply(Script::error(m, -32602, "Unknown tool"));
        return true;
    };
    up({w_.entry("s")});
    for (int i = 0; i < 600; ++i) {
        (void)w_.result(w_.manager->client("s")->call_tool("echo"));
        w_.advance(2s);
    }
    EXPECT_EQ(server().wire->opened, 1);
}

TEST_F(KnownBugs, N12_TheEndOfAnOldTransportIsNotTheEndOfTheNewOne) {
    server().wire->close_takes = 3s;
    server().wire->dies_when_closed = true;  // while the new one already waits for its turn
    up({w_.entry("s")});
    auto old_pipe = server().wire->pipe;
    EXPECT_TRUE(w_.run(w_.manager->reconnect("s")));
    old_pipe->server.reset();
    if (old_pipe->handler != nullptr) {
        old_pipe->handler->on_stream_end(Error(ErrorKind::connection_lost, "late"), false);
    }
    w_.advance(10s);
    EXPECT_EQ(w_.manager->health().by_status["connected"], 1U);
    EXPECT_EQ(server().wire->opened, 2);
}

TEST_F(KnownBugs, N13_TimeLimitsAreNeitherRoundedNorCapped) {
    server().script->on_request = never_answers("tools/call");
    up({w_.entry("s")});
    const auto takes = [&](CallOptions options) {
        const TimePoint began = w_.now();
        EXPECT_TRUE(w_.result(w_.manager->client("s")->call_tool("echo", {}, std::move(options))).has_error());
        return to_seconds(w_.now() - began);
    };
    for (const Seconds limit : {Seconds(0.05), Seconds(45), Seconds(7200)}) {
        CallOptions silence;  // each of the two alone
        silence.timeout = limit;
        EXPECT_NEAR(takes(silence), limit.count(), 0.01);
        CallOptions total;
        total.timeout = 3 * limit;
        total.max_total_timeout = limit;
        EXPECT_NEAR(takes(total), limit.count(), 0.01);
    }
    auto slow = w_.entry("slow");
    slow.connection.connection_timeout = 600s;
    w_.server("slow").wire->open_takes = 500s;
    w_.run(w_.manager->add(slow));
    EXPECT_EQ(w_.run(w_.manager->start("slow", 600s)).outcome, StartResult::Outcome::ready);
    auto brief = w_.entry("brief");
    brief.connection.connection_timeout = 50ms;
    brief.connection.auto_reconnect = false;
    w_.server("brief").wire->open_takes = 1s;
    w_.run(w_.manager->add(brief));
    const TimePoint began = w_.now();
    EXPECT_EQ(w_.run(w_.manager->start("brief", 600s)).outcome, StartResult::Outcome::failed);
    EXPECT_NEAR(to_seconds(w_.now() - began), 0.05, 0.01);
}

TEST_F(KnownBugs, N14_ClosingWorksFromAnywhereAndAtAnyMoment) {
    SplitMix random(5);
    for (int round = 0; round < 60; ++round) {
        FleetWorld w(ManagerOptions(), static_cast<std::uint64_t>(round));
        for (const char* name : {"a", "b", "c"}) {
            w.server(name).wire->open_takes = to_duration(Seconds(random.uniform()));
            w.server(name).wire->close_takes = to_duration(Seconds(random.uniform() * 3));
        }
        auto applied = w.manager->apply(w.entries({"a", "b", "c"}));
        auto started = w.manager->start_all(2s);
        w.advance(to_duration(Seconds(random.uniform() * 2)));
        if (round % 2 == 0) {
            auto closing = w.manager->close();
            if (round % 4 == 0) w.server("b").wire->die();
            w.run(std::move(closing));
        } else {
            w.manager.reset();
            w.advance(10s);
        }
        for (auto& [name, server] : w.servers) ASSERT_EQ(server.wire->live, 0) << name << " in round " << round;
    }
}

TEST_F(KnownBugs, N15_DelaysAreCappedHoweverLongItLasts) {
    server().wire->on_open = [](int) { return refused(); };
    up({patient()});
    w_.advance(48h);
    const auto waits = gaps(server().wire->attempt_times);
    ASSERT_GT(waits.size(), 100U);
    for (const double wait : waits) EXPECT_LE(wait, 61.0);
    EXPECT_GE(waits.back(), 29.0);
}

}  // namespace
}  // namespace haive::mcp::testing
