// What a fleet does with servers that were away for long, that were lost together, or that failed for a while.
#include "support/fleet_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

std::optional<Error> refused(int /*attempt*/) { return Error(ErrorKind::server_unavailable, "refused"); }

ConnectionStatus status_of(const FleetWorld& w, std::size_t index = 0) {
    return w.manager->upstreams()[index].connection.status;
}

// B-7: nobody sits before a fleet and presses "reconnect".
TEST(FleetRecovery, AServerThatOutlastsItsAttemptsIsTriedAgainLater) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    w.advance(10min);
    Wire& wire = *w.server("s").wire;
    wire.on_open = refused;
    const int before = wire.attempts;
    wire.die();
    w.advance(2min);
    EXPECT_EQ(wire.attempts - before, 5);
    EXPECT_EQ(status_of(w), ConnectionStatus::error);
    w.advance(1h);
    EXPECT_GT(wire.attempts - before, 25);
    EXPECT_LE(wire.attempts - before, 70) << "five minutes between five attempts and the next five";
    wire.on_open = nullptr;
    w.advance(6min);
    EXPECT_EQ(status_of(w), ConnectionStatus::connected);
}

TEST(FleetRecovery, AnEntryMaySayThatFiveAttemptsAreAll) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].connection.revive_after = 0s;
    w.run(w.manager->apply(entries));
    w.server("s").wire->on_open = refused;
    w.run(w.manager->start_all());
    w.advance(2min);
    const int attempts = w.server("s").wire->attempts;
    w.advance(24h);
    EXPECT_EQ(w.server("s").wire->attempts, attempts);
}

/// The first delay of each of a hundred servers: lost one after the other, or all at once.
std::vector<Duration> first_delays(bool together) {
    constexpr std::size_t fleet = 100;
    FleetWorld w;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < fleet; ++i) names.push_back("s" + std::to_string(i));
    w.run(w.manager->apply(w.entries(names)));
    w.run(w.manager->start_all());
    w.advance(10min);
    std::vector<Duration> out;
    std::vector<TimePoint> lost;
    for (const auto& name : names) {
        w.server(name).wire->attempt_times.clear();
        lost.push_back(w.now());
        w.server(name).wire->die();
        if (!together) w.advance(1500ms);
    }
    w.advance(10s);
    for (std::size_t i = 0; i < fleet; ++i) {
        const auto& times = w.server(names[i]).wire->attempt_times;
        out.push_back(times.empty() ? Duration::max() : times.front() - lost[i]);
    }
    return out;
}

TEST(FleetRecovery, ChanceMayTakeThreeQuartersOfADelay) {
    const auto delays = first_delays(false);
    EXPECT_GE(*std::ranges::min_element(delays), 250ms);
    EXPECT_LE(*std::ranges::min_element(delays), 300ms);
    EXPECT_LE(*std::ranges::max_element(delays), 1s);
}

// M-4
TEST(FleetRecovery, AStormSpreadsItsServersOverTheWholeDelay) {
    const auto delays = first_delays(true);
    const std::vector<Duration> in_storm(delays.begin() + 25, delays.end());  // a fifth of them makes it one
    EXPECT_LE(*std::ranges::min_element(in_storm), 100ms);
    EXPECT_LE(*std::ranges::max_element(in_storm), 1100ms);
}

/// Five calls that the server leaves unanswered: its breaker opens.
void open_breaker(FleetWorld& w) {
    w.server("s").script->on_request = never_answers("tools/call");
    for (int i = 0; i < 5; ++i) {
        CallOptions options;
        options.timeout = 6s;
        EXPECT_TRUE(w.result(w.manager->client("s")->call_tool("echo", {}, options)).has_error());
    }
    ASSERT_EQ(w.manager->upstreams()[0].breaker, "open");
    EXPECT_LE(w.manager->upstreams()[0].health.score, 0.2);
}

// Whoever asks is_healthy() before each call never calls: the breaker must not need a call to be looked at again.
TEST(FleetRecovery, AnOpenBreakerIsProbedWithoutACall) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    open_breaker(w);
    FleetWorld::offer(w.server("s"), {"echo"});
    const auto ran = w.server("s").script->executed.size();
    w.advance(2min);
    const auto info = w.manager->upstreams()[0];
    EXPECT_EQ(info.breaker, "half_open") << "its probe was answered; calls may try it";
    EXPECT_EQ(info.health.factors.breaker, 1.0);
    EXPECT_GE(info.health.score, 0.7);
    EXPECT_EQ(w.server("s").script->executed.size(), ran) << "no tool was run to find out";
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(w.run(w.manager->call_tool("echo")).is_error);
    EXPECT_EQ(w.manager->upstreams()[0].breaker, "closed");
}

TEST(FleetRecovery, AnUnansweredProbeKeepsTheBreakerOpen) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].connection.dead_after = 1000;  // the server keeps its connection, and keeps silent
    w.run(w.manager->apply(entries));
    w.run(w.manager->start_all());
    open_breaker(w);
    w.server("s").script->on_request = [](const json::object&, const Script::Reply&) { return true; };
    const int calls = w.server("s").script->count("tools/call");
    for (int i = 0; i < 40; ++i) {
        w.advance(7s);
        EXPECT_NE(w.manager->upstreams()[0].health.factors.breaker, 1.0);
        EXPECT_TRUE(w.result(w.manager->client("s")->call_tool("echo")).has_error());
    }
    EXPECT_EQ(w.server("s").script->count("tools/call"), calls) << "no call is the canary";
}

TEST(FleetRecovery, TheProbeDoesNotOpenAServerThatRests) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].upstream.start = StartPolicy::on_use;
    entries[0].upstream.idle_stop = 1s;
    w.run(w.manager->apply(entries));
    w.run(w.manager->start("s"));
    open_breaker(w);
    w.advance(2s);
    const int attempts = w.server("s").wire->attempts;
    w.advance(1h);
    EXPECT_EQ(w.server("s").wire->attempts, attempts);
}

}  // namespace
}  // namespace haive::mcp::testing
