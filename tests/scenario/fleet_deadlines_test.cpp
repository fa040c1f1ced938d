// A call's time is one time, whatever the call waits for on its way.
#include "support/fleet_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

TEST(FleetDeadlines, AStartThatTakesTooLongIsNotWaitedFor) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].upstream.start = StartPolicy::lazy;
    w.run(w.manager->apply(entries));
    w.server("s").wire->open_takes = 25s;
    const TimePoint began = w.now();
    CallOptions options;
    options.timeout = 2s;  // of silence: twenty in all
    const auto ended = w.result(w.manager->client("s")->call_tool("echo", {}, options));
    EXPECT_LE(w.now() - began, 20s);
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::deadline_exceeded);
    EXPECT_EQ(ended.error().disposition(), Disposition::not_sent);
    EXPECT_EQ(ended.error().details().server, "s");
    w.advance(1min);
    EXPECT_EQ(w.server("s").wire->live, 1) << "it is there for the next call";
    EXPECT_TRUE(w.server("s").script->executed.empty());
}

TEST(FleetDeadlines, WhatTheStartTookIsNotThereForTheAnswer) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].upstream.start = StartPolicy::lazy;
    w.run(w.manager->apply(entries));
    w.server("s").wire->open_takes = 15s;
    w.server("s").script->on_request = never_answers("tools/call");
    const TimePoint began = w.now();
    CallOptions options;
    options.max_total_timeout = 16s;
    const auto ended = w.result(w.manager->client("s")->call_tool("echo", {}, options));
    EXPECT_EQ(w.now() - began, 16s);
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::deadline_exceeded);
    EXPECT_EQ(ended.error().disposition(), Disposition::maybe_executed);
}

TEST(FleetDeadlines, NeitherIsWhatTheQueueTook) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].upstream.max_in_flight = 1;
    entries[0].upstream.circuit_breaker = false;
    w.run(w.manager->apply(entries));
    w.run(w.manager->start_all());
    w.server("s").script->on_request = never_answers("tools/call");
    CallOptions first;
    first.timeout = 4s;
    auto ahead = w.manager->client("s")->call_tool("echo", {}, first);
    w.rt.loop->settle();
    const TimePoint began = w.now();
    CallOptions options;
    options.timeout = 5s;
    options.max_total_timeout = 6s;
    const auto ended = w.result(w.manager->client("s")->call_tool("echo", {}, options));
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(w.now() - began, 6s);
}

TEST(FleetDeadlines, ACallThatIsCancelledAlreadyGoesNowhere) {
    FleetWorld w;
    auto entries = w.entries({"s"});
    entries[0].upstream.start = StartPolicy::lazy;
    w.run(w.manager->apply(entries));
    auto call = w.manager->client("s")->call_tool("echo");
    call.cancel();
    EXPECT_TRUE(w.result(std::move(call)).has_error());
    w.advance(1min);
    EXPECT_TRUE(w.server("s").script->executed.empty());
}

}  // namespace
}  // namespace haive::mcp::testing
