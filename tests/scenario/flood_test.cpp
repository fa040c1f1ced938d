// A server that talks without end is read at a bounded rate.
#include "support/step_stream.hpp"
#include "transport/stream/unasked_budget.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Not;

std::string notices(std::int64_t count) {
    std::string out;
    for (std::int64_t i = 0; i < count; ++i) {
        out += R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}})"
               "\n";
    }
    return out;
}

class Flood : public ::testing::Test {
protected:
    World w_;
    MCPConnection connection_ = w_.connection();
    std::shared_ptr<MCPClient> client_ = w_.run(connection_.connect());
    void SetUp() override { w_.wire->slice = 64 << 10; }
    [[nodiscard]] bool paused() const { return w_.wire->pipe->paused; }
};

TEST_F(Flood, TakesTheTimeThatTheRateAllows) {
    w_.wire->say(notices(UnaskedBudget::burst + 5 * UnaskedBudget::per_second));
    ASSERT_TRUE(paused());
    w_.advance(4s);
    EXPECT_FALSE(w_.wire->pipe->held.empty());
    w_.advance(2s);
    EXPECT_TRUE(w_.wire->pipe->held.empty());
    EXPECT_FALSE(paused());
    EXPECT_FALSE(w_.run(client_->call_tool("echo")).is_error);
    EXPECT_EQ(w_.wire->opened, 1) << "slow is not dead";
}

TEST_F(Flood, IsReadInBlocksThatKeepNobodyWaitingAndOnlyWhileItLasts) {
    w_.wire->say(notices(500));  // many, and no flood yet
    EXPECT_LE(w_.wire->pipe->most, 4U << 10);
    EXPECT_FALSE(paused());
    w_.wire->say(notices(2 * UnaskedBudget::burst));
    w_.advance(10s);
    EXPECT_LE(w_.wire->pipe->most, 4U << 10);
    EXPECT_FALSE(w_.run(client_->call_tool("echo")).is_error);
    EXPECT_GE(w_.wire->pipe->most, 64U << 10) << "answers may be large";
}

TEST_F(Flood, IsToldOnce) {
    for (int i = 0; i < 3; ++i) {
        w_.wire->say(notices(2 * UnaskedBudget::burst));
        w_.advance(10s);
    }
    const auto lines = w_.events->take();
    EXPECT_EQ(std::ranges::count(lines, "oddity flood"), 1);
}

TEST_F(Flood, IsReadOnAtOnceWhenTheConnectionCloses) {
    w_.wire->say(notices(UnaskedBudget::burst) + std::string(10 << 20, 'x') + '\n');
    w_.advance(1ms);
    ASSERT_TRUE(paused());
    w_.wire->close_takes = 10s;
    auto closing = connection_.disconnect();
    w_.advance(1ms);
    EXPECT_FALSE(paused());
    (void)w_.run(std::move(closing));
}

TEST_F(Flood, AnAnswerBehindItComes) {
    w_.script->on_request = [this](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "tools/call") return false;
        w_.wire->say(notices(2 * UnaskedBudget::burst));
        reply(Script::result(m, R"({"content":[]})"));
        return true;
    };
    EXPECT_FALSE(w_.run(client_->call_tool("echo")).is_error);
    EXPECT_GT(w_.wire->pauses, 0);
}

TEST_F(Flood, WhatWasAskedForIsNoFlood) {
    for (int i = 0; i < UnaskedBudget::burst + 1000; ++i) {
        auto call = client_->call_tool("echo");
        while (!call.is_done() && w_.rt.loop->step()) {}
    }
    EXPECT_EQ(w_.wire->pauses, 0);
    EXPECT_THAT(w_.events->take(), Not(Contains("oddity flood")));
}

/// A server that talks before its first answer.
class EarlyTalk : public ::testing::Test {
protected:
    Duration connects_after(std::int64_t count) {
        w_.wire->slice = 64 << 10;
        w_.script->modern = true;
        w_.script->on_request = [this, count](const json::object&, const Script::Reply&) {
            if (std::exchange(said_, true)) return false;
            EXPECT_LE(w_.wire->pipe->most, 4U << 10);
            w_.wire->say(notices(count));
            return false;
        };
        const TimePoint began = w_.rt.loop->now();
        w_.run(connection_.connect());
        return w_.rt.loop->now() - began;
    }
    World w_;
    MCPConnection connection_ = w_.connection();
    bool said_ = false;
};

TEST_F(EarlyTalk, OfAFewLinesHoldsNothingUp) {
    EXPECT_LT(connects_after(80), 10ms);
    EXPECT_EQ(w_.wire->pauses, 0);
}

TEST_F(EarlyTalk, IsReadSlowerAndIsNoFloodForThat) {
    const auto slow = UnaskedBudget::per_second / UnaskedBudget::slower_at_first;
    EXPECT_GT(connects_after(slow * 4 / 10), 300ms);
    EXPECT_THAT(w_.events->take(), Not(Contains("oddity flood")));
}

TEST_F(EarlyTalk, OfMoreThanHalfASecondIsNoFloodEither) {
    EXPECT_LT(connects_after(1200), 600ms);
    EXPECT_THAT(w_.events->take(), Not(Contains("oddity flood")));
}

TEST_F(EarlyTalk, OfOneLongLineHoldsNothingUpForLong) {
    w_.script->modern = true;
    w_.script->on_request = [this](const json::object&, const Script::Reply&) {
        if (!std::exchange(said_, true)) w_.wire->say(std::string(10 << 20, 'x') + '\n');
        return false;
    };
    const TimePoint began = w_.rt.loop->now();
    w_.run(connection_.connect());
    EXPECT_LE(w_.rt.loop->now() - began, 500ms);
}

TEST_F(EarlyTalk, WithoutEndIsAFloodAfterAMoment) {
    const Duration took = connects_after(UnaskedBudget::per_second);
    EXPECT_GT(took, 1s);
    EXPECT_LT(took, 1600ms);
    EXPECT_THAT(w_.events->take(), Contains("oddity flood"));
}

}  // namespace
}  // namespace haive::mcp::testing
