// A pool of connections to one server on moved time.
#include "haive/mcp/pool/pool.hpp"
#include "support/step_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class Pool : public ::testing::Test {
protected:
    World w_;
    std::unique_ptr<MCPPool> pool_;
    MCPPool& make(PoolOptions options) {
        if (!options.max_size) options.max_size = 4;
        pool_ = std::make_unique<MCPPool>("p", StepTransport(w_.wire), options, w_.options());
        return *pool_;
    }
    void TearDown() override {
        pool_.reset();
        w_.advance(1min);
        EXPECT_EQ(w_.wire->live, 0);
    }
    Lease lease(AcquireOptions options = AcquireOptions()) { return w_.run(pool_->acquire(std::move(options))); }
    static AcquireOptions alone(std::optional<Seconds> timeout = std::nullopt) {
        AcquireOptions out;
        out.exclusive = true;
        out.timeout = timeout;
        return out;
    }
};

TEST_F(Pool, OpensAtTheFirstCallAndSharesOneConnection) {
    auto& pool = make({});
    w_.advance(1min);
    EXPECT_EQ(w_.wire->attempts, 0);
    const auto client = pool.client();
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(w_.run(client->call_tool("echo")).is_error);
    EXPECT_EQ(w_.wire->opened, 1);
    EXPECT_EQ(pool.stats().total, 1);
    EXPECT_EQ(pool.stats().acquired, 10U);
}

TEST_F(Pool, ExclusiveLeasesHaveAConnectionEachAndWaitInOrder) {
    make({});
    std::vector<Lease> held;
    for (int i = 0; i < 4; ++i) held.push_back(lease(alone()));
    std::set<MCPClient*> clients;
    for (const auto& each : held) clients.insert(each.client().get());
    EXPECT_EQ(clients.size(), 4U);
    auto fifth = pool_->acquire(alone());
    auto sixth = pool_->acquire(alone());
    w_.advance(1s);
    EXPECT_FALSE(fifth.is_done());
    held.erase(held.begin());
    w_.advance(1ms);
    EXPECT_TRUE(fifth.is_done());
    EXPECT_FALSE(sixth.is_done());
    held.erase(held.begin());
    w_.advance(1ms);
    EXPECT_TRUE(sixth.is_done());
}

TEST_F(Pool, AnAcquireThatWaitsTooLongSaysHowFullThePoolIs) {
    make({.max_size = 1});
    const Lease held = lease(alone());
    const auto late = w_.result(pool_->acquire(alone(Seconds(3))));
    ASSERT_TRUE(late.has_error());
    EXPECT_EQ(late.error().kind(), ErrorKind::acquire_timeout);
    EXPECT_EQ(late.error().disposition(), Disposition::not_sent);
    EXPECT_THAT(late.error().message(), HasSubstr("1 connections: 1 in use"));
    EXPECT_EQ(pool_->stats().timeouts, 1U);
}

TEST_F(Pool, AnAcquireCanBeCancelled) {
    make({.max_size = 1});
    const Lease held = lease(alone());
    auto waiting = pool_->acquire(alone());
    w_.advance(1s);
    waiting.cancel();
    const auto ended = w_.result(std::move(waiting));
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::cancelled);
    EXPECT_EQ(pool_->stats().waiting, 0);
}

TEST_F(Pool, AServerThatCannotBeReachedFailsItsWaitersWithTheReason) {
    w_.wire->on_open = [](int) {
        Error error(ErrorKind::invalid_command, "no such command");
        error.set_attempt_class(AttemptClass::fatal);
        return error;
    };
    make({});
    const TimePoint began = w_.now();
    const auto failed = w_.result(pool_->client()->call_tool("echo"));
    ASSERT_TRUE(failed.has_error());
    EXPECT_THAT(failed.error().message(), HasSubstr("no such command"));
    EXPECT_LT(w_.now() - began, 1s) << "not after the whole acquire_timeout";
    EXPECT_EQ(pool_->stats().total, 0) << "what failed keeps no place";
    w_.advance(1min);
    EXPECT_EQ(w_.wire->attempts, 1) << "nobody wants it";
    EXPECT_TRUE(w_.result(pool_->client()->call_tool("echo")).has_error());
    w_.accept_again();
    EXPECT_FALSE(w_.run(pool_->client()->call_tool("echo")).is_error) << "somebody mended it";
}

TEST_F(Pool, AServerThatComesBackIsTriedForACall) {
    make({});
    EXPECT_FALSE(w_.run(pool_->client()->call_tool("echo")).is_error);
    w_.refuse_all();
    w_.wire->die();
    w_.advance(5min);
    const TimePoint began = w_.now();
    ASSERT_TRUE(w_.result(pool_->client()->call_tool("echo")).has_error());
    EXPECT_LT(w_.now() - began, 1s);
    w_.accept_again();
    w_.advance(1min);
    EXPECT_FALSE(w_.run(pool_->client()->call_tool("echo")).is_error);
}

TEST_F(Pool, WhatIsKeptOpenComesBackWithItsServer) {
    make({.min_size = 1});
    w_.advance(1s);
    w_.refuse_all();
    w_.wire->die();
    w_.advance(5min);
    EXPECT_GT(w_.wire->attempts, 40) << "it goes on after the last attempt of the first connection";
    EXPECT_LT(w_.wire->attempts, 130) << "one every 5 s, less a random half";
    w_.accept_again();
    w_.advance(6s);
    EXPECT_EQ(pool_->stats().idle, 1);
    EXPECT_EQ(w_.wire->live, 1);
}

TEST_F(Pool, AMemberThatBrokeUnderACallIsUsedAgainWhenItIsBack) {
    make({.mode = PoolMode::shared, .min_size = 2, .max_size = 2});
    w_.advance(1s);
    w_.script->on_request = never_answers("tools/call");
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 8; ++i) calls.push_back(pool_->client()->call_tool("echo"));
    w_.advance(1s);
    w_.wire->die();
    w_.advance(1ms);
    EXPECT_EQ(pool_->stats().ejected, 0) << "it is away, not aside";
    for (auto& call : calls) call.cancel();
    w_.script->on_request = nullptr;
    w_.advance(2min);
    std::map<MCPClient*, int> uses;
    std::vector<Lease> held;
    for (int i = 0; i < 16; ++i) {
        held.push_back(lease());
        ++uses[held.back().client().get()];
    }
    ASSERT_EQ(uses.size(), 2U);
    for (const auto& [client, times] : uses) EXPECT_GE(times, 4);
}

TEST_F(Pool, ACallThatNeverLeftGoesOnOnAnotherConnection) {
    make({.mode = PoolMode::shared, .min_size = 1, .max_size = 2});
    const Lease first = lease();
    { const Lease second = lease(alone()); }  // the newer one, and the less used
    ASSERT_EQ(w_.wire->opened, 2);
    w_.wire->accepts = 0;
    auto call = pool_->client()->call_tool("echo");
    w_.settle();
    w_.wire->accepts = Wire::all;
    w_.refuse_all();
    const TimePoint began = w_.now();
    w_.wire->die();
    EXPECT_FALSE(w_.run(std::move(call)).is_error);
    EXPECT_LT(w_.now() - began, 100ms) << "not when the broken one is healed";
    EXPECT_EQ(w_.script->executed.size(), 1U);
}

TEST_F(Pool, ACallThatMayHaveRunStaysWhereItIsUnlessItIsARead) {
    make({.mode = PoolMode::shared, .min_size = 1, .max_size = 2});
    const Lease first = lease();
    { const Lease second = lease(alone()); }
    w_.script->on_request = [](const json::object& m, const Script::Reply&) {
        const auto& method = m.at("method").as_string();
        return method == "tools/call" || method == "resources/read";
    };
    w_.refuse_all();
    auto read = pool_->client()->call("resources/read", RawJson(R"({"uri":"x:y"})"));
    auto tool = pool_->client()->call_tool("echo");
    w_.settle();
    ASSERT_EQ(w_.script->count("tools/call"), 1);
    w_.script->on_request = [](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "resources/read") return false;
        reply(Script::result(m, R"({"contents":[]})"));
        return true;
    };
    const TimePoint began = w_.now();
    w_.wire->die();
    const auto ran = w_.result(std::move(tool));
    if (ran.has_error()) {
        EXPECT_EQ(ran.error().disposition(), Disposition::maybe_executed);
    }
    EXPECT_FALSE(w_.result(std::move(read)).has_error());
    EXPECT_LT(w_.now() - began, 1s);
    EXPECT_EQ(w_.script->count("tools/call"), 1) << "never twice";
}

TEST_F(Pool, TheWaitForAConnectionIsPartOfTheCallsTime) {
    make({.max_size = 1});
    Lease held = lease(alone());
    w_.script->on_request = never_answers("tools/call");
    CallOptions options;
    options.max_total_timeout = Seconds(8);
    const TimePoint began = w_.now();
    auto call = pool_->client()->call_tool("echo", {}, options);
    w_.advance(5s);
    held.release();
    const auto ended = w_.result(std::move(call));
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::deadline_exceeded);
    EXPECT_EQ(w_.now() - began, Duration(8s));
}

TEST_F(Pool, ACallWhoseTimeIsOverIsNotSent) {
    make({.min_size = 1});
    w_.advance(1s);
    CallOptions options;
    options.max_total_timeout = Seconds(0);
    const auto ended = w_.result(pool_->client()->call_tool("echo", {}, options));
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::deadline_exceeded);
    EXPECT_EQ(ended.error().disposition(), Disposition::not_sent);
    EXPECT_EQ(w_.script->count("tools/call"), 0);
    EXPECT_EQ(pool_->stats().active, 0) << "its lease came back";
}

TEST_F(Pool, AnAcquireWaitsNoLongerThanConnectingMayTakeUnlessToldOtherwise) {
    for (const auto set : {std::optional<Seconds>(), std::optional(Seconds(12))}) {
        ConnectionOptions connection = w_.options();
        connection.connection_timeout = Seconds(5);
        PoolOptions options;
        options.max_size = 1;
        options.acquire_timeout = set;
        pool_ = std::make_unique<MCPPool>("p", StepTransport(w_.wire), options, connection);
        const Lease held = lease(alone());
        const TimePoint began = w_.now();
        EXPECT_TRUE(w_.result(pool_->acquire(alone())).has_error());
        EXPECT_EQ(w_.now() - began, set ? Duration(12s) : Duration(5s));
    }
}

TEST_F(Pool, OneConnectionCanBeEvictedByItsName) {
    make({.min_size = 2});
    w_.advance(1s);
    EXPECT_FALSE(w_.run(pool_->evict("p#7")));
    EXPECT_TRUE(w_.run(pool_->evict("p#1")));
    w_.advance(1s);
    EXPECT_FALSE(w_.run(pool_->evict("p#1"))) << "gone";
    EXPECT_EQ(w_.wire->opened, 3);
    EXPECT_EQ(w_.wire->live, 2);
}

TEST_F(Pool, NoConnectionServesTwoAskers) {
    make({.max_size = 2});
    MCPClient* alices = nullptr;
    {
        AcquireOptions options;
        options.asker = "alice";
        const Lease held = lease(options);
        alices = held.client().get();
    }
    AcquireOptions options;
    options.asker = "bob";
    const Lease bobs = lease(options);
    EXPECT_NE(bobs.client().get(), alices);
    options.asker = "carol";
    const Lease carols = lease(options);
    EXPECT_EQ(pool_->stats().total, 2) << "alice's idle one made room";
}

TEST_F(Pool, AnotherAskersLeaseMakesRoomWhenItEnds) {
    make({.max_size = 1});
    AcquireOptions options;
    options.asker = "alice";
    Lease alices = lease(options);
    options.asker = "bob";
    auto bobs = pool_->acquire(options);
    w_.advance(1s);
    ASSERT_FALSE(bobs.is_done());
    alices.release();
    w_.advance(1s);
    EXPECT_TRUE(bobs.is_done());
    EXPECT_TRUE(w_.run(std::move(bobs)));
}

TEST_F(Pool, WhoWaitedBehindAnExclusiveAcquireThatGaveUpIsServed) {
    make({.max_size = 1});
    const Lease held = lease();
    auto exclusive = pool_->acquire(alone(Seconds(3)));
    auto younger = pool_->acquire();
    w_.advance(1s);
    EXPECT_FALSE(younger.is_done()) << "nobody slips in";
    w_.advance(3s);
    EXPECT_TRUE(w_.result(std::move(exclusive)).has_error());
    EXPECT_TRUE(younger.is_done());
}

TEST_F(Pool, ASessionKeepsItsConnectionAndALegacyServerMeansSessions) {
    make({.min_size = 3});
    w_.advance(1s);
    AcquireOptions options;
    options.affinity = "conversation 7";
    MCPClient* home = nullptr;
    for (int i = 0; i < 20; ++i) {
        const Lease held = lease(options);
        if (home == nullptr) home = held.client().get();
        EXPECT_EQ(held.client().get(), home);
    }
}

TEST_F(Pool, ADiscardedConnectionIsNotSeenAgain) {
    make({.max_size = 1});
    Lease held = lease(alone());
    MCPClient* first = held.client().get();
    held.discard();
    EXPECT_FALSE(held);
    const Lease next = lease(alone());
    EXPECT_NE(next.client().get(), first);
}

TEST_F(Pool, OneThatRestedIsAskedBeforeItIsLent) {
    make({.max_size = 1, .idle_timeout = Seconds(0)});
    { const Lease held = lease(alone()); }
    w_.advance(5min);
    w_.wire->reads = false;  // hangs, and nobody has noticed yet
    auto waiting = pool_->acquire(alone());
    w_.advance(2500ms);
    w_.wire->go_on();
    const Lease held = w_.run(std::move(waiting));
    EXPECT_EQ(w_.wire->opened, 2) << "the silent one was replaced";
}

TEST_F(Pool, ALeakIsReportedOnceWithItsPlace) {
    make({.leak_threshold = Seconds(10)});
    Lease held = lease(alone());
    w_.advance(5min);
    EXPECT_EQ(pool_->stats().leaks, 1U);
    held.release();
    w_.advance(1s);
    int leaks = 0;
    int returns = 0;
    for (const auto& line : w_.events->lines) {
        leaks += line == "oddity lease_leak" ? 1 : 0;
        returns += line == "oddity lease_returned" ? 1 : 0;
    }
    EXPECT_EQ(leaks, 1);
    EXPECT_EQ(returns, 1);
}

TEST_F(Pool, OldConnectionsAreReplacedWithoutAGap) {
    make({.min_size = 2, .max_size = 2, .idle_timeout = Seconds(0), .max_lifetime = Seconds(600)});
    w_.advance(1s);
    w_.wire->open_takes = 1s;
    int failed = 0;
    const auto client = pool_->client();
    for (int i = 0; i < 1500; ++i) {
        failed += w_.result(client->call_tool("echo")).has_error() ? 1 : 0;
        w_.advance(1s);
    }
    EXPECT_EQ(failed, 0);
    EXPECT_GE(w_.wire->opened, 6);
    EXPECT_LE(w_.wire->most_live, 3);
}

TEST_F(Pool, SuspendedItMakesCallersWaitAndResumedItServesThem) {
    make({.min_size = 1});
    w_.advance(1s);
    w_.run(pool_->suspend());
    auto call = pool_->client()->call_tool("echo");
    w_.advance(10s);
    EXPECT_FALSE(call.is_done());
    w_.run(pool_->resume());
    EXPECT_FALSE(w_.run(std::move(call)).is_error);
}

TEST_F(Pool, DrainingFinishesWhatIsLent) {
    make({});
    Lease held = lease();
    auto draining = pool_->drain();
    w_.advance(5s);
    EXPECT_FALSE(draining.is_done());
    EXPECT_FALSE(w_.run(held.client()->call_tool("echo")).is_error);
    held.release();
    w_.run(std::move(draining));
    EXPECT_EQ(w_.wire->live, 0);
    const auto refused = w_.result(pool_->acquire());
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().kind(), ErrorKind::shutdown);
}

TEST_F(Pool, ClosingIsBoundedWhateverIsLent) {
    make({.max_size = 2});
    const Lease one = lease(alone());
    const Lease two = lease(alone());
    auto waiting = pool_->acquire(alone());
    w_.advance(1s);
    const TimePoint began = w_.now();
    w_.run(pool_->close());
    EXPECT_LE(w_.now() - began, 10s);
    EXPECT_EQ(w_.wire->live, 0);
    EXPECT_EQ(w_.result(std::move(waiting)).error().kind(), ErrorKind::shutdown);
}

TEST_F(Pool, EvictionReplacesEveryConnection) {
    make({.min_size = 3});
    w_.advance(1s);
    ASSERT_EQ(w_.wire->opened, 3);
    w_.run(pool_->evict());
    w_.advance(10s);
    EXPECT_EQ(w_.wire->opened, 6);
    EXPECT_EQ(w_.wire->live, 3);
}

TEST_F(Pool, GrowsUnderLoadAndShrinksAfterwards) {
    make({.mode = PoolMode::shared, .max_in_flight = 2, .idle_timeout = Seconds(60)});
    w_.script->on_request = never_answers("tools/call");
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 8; ++i) calls.push_back(pool_->client()->call_tool("echo"));
    w_.advance(2s);
    EXPECT_EQ(w_.wire->opened, 4);
    for (auto& call : calls) call.cancel();
    w_.advance(2min);
    EXPECT_EQ(pool_->stats().total, 0);
    EXPECT_EQ(w_.wire->live, 0);
}

}  // namespace
}  // namespace haive::mcp::testing
