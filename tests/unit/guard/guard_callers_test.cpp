// The decorators before a connection, on moved time, around a scripted inner Caller.
#include "client/pause.hpp"
#include "guard/breaker_caller.hpp"
#include "guard/circuit_meter.hpp"
#include "guard/hedge_caller.hpp"
#include "guard/limit_caller.hpp"
#include "guard/pacing_caller.hpp"
#include "support/manual_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Ends each call when the test says so.
class Held final : public Caller {
public:
    struct One {
        std::string method;
        std::string asker;
        std::optional<Result<Reply>> result;
        std::coroutine_handle<> waiter;
        bool await_ready() const noexcept { return result.has_value(); }
        void await_suspend(std::coroutine_handle<> who) noexcept { waiter = who; }
        Result<Reply> await_resume() { return *result; }
        void end(Result<Reply> how) {
            if (result) return;
            result = std::move(how);
            if (waiter) std::exchange(waiter, {}).resume();
        }
    };
    Task<Result<Reply>> call(Request request) override {
        auto one = std::make_shared<One>();
        one->method = request.method;
        one->asker = request.asker;
        calls.push_back(one);
        if (request.cancel) {
            request.cancel->set([one] { one->end(Error(ErrorKind::cancelled, "cancelled by the caller")); });
        }
        auto out = co_await *one;
        co_return out;
    }
    std::vector<std::shared_ptr<One>> calls;
};

struct Ended {
    std::optional<Result<Reply>> result;
};

detail::Detached drive(Caller& caller, Request request, std::shared_ptr<Ended> out) {
    auto reply = co_await caller.call(std::move(request));
    out->result = std::move(reply);
}

class Guard : public ::testing::Test {
protected:
    ManualLoop loop_;
    SplitMix random_{1};
    Held inner_;

    static Request request(std::string method = "tools/call", std::string asker = "") {
        Request out;
        out.method = std::move(method);
        out.asker = std::move(asker);
        return out;
    }
    static std::shared_ptr<Ended> ask(Caller& caller, Request request) {
        auto out = std::make_shared<Ended>();
        drive(caller, std::move(request), out);
        return out;
    }
    /// Ends what is under way, before the decorators go.
    void finish() {
        for (std::size_t i = 0; i < inner_.calls.size(); ++i) {
            const auto call = inner_.calls[i];
            call->end(Reply());
            loop_.settle();
        }
        loop_.advance(10min);
    }
    static Error lost() { return Error(ErrorKind::connection_lost, "broken pipe", Disposition::maybe_executed); }
};

TEST_F(Guard, OpenCircuitsRefuseAtOnceAndSayWhenToComeBack) {
    int probes = 0;
    BreakerCaller breaker(
        "far", inner_,
        [&](Duration) -> Task<Result<Duration>> {
            ++probes;
            co_return Duration(1ms);
        },
        loop_, random_);
    for (int i = 0; i < 5; ++i) {
        auto failed = ask(breaker, request());
        inner_.calls.back()->end(lost());
        EXPECT_EQ(failed->result->error().kind(), ErrorKind::connection_lost);
        loop_.advance(1s);
    }
    auto refused = ask(breaker, request());
    ASSERT_TRUE(refused->result);
    const Error error = refused->result->error();
    EXPECT_EQ(error.kind(), ErrorKind::circuit_open);
    EXPECT_EQ(error.disposition(), Disposition::not_sent);
    EXPECT_TRUE(error.details().retry_after);
    EXPECT_THAT(error.to_string(), HasSubstr("broken pipe"));
    EXPECT_EQ(inner_.calls.size(), 5U);
    loop_.advance(5s);
    ask(breaker, request());
    EXPECT_EQ(probes, 1);
    EXPECT_EQ(inner_.calls.size(), 6U) << "the probe was answered first";
    finish();
}

TEST_F(Guard, CircuitsOfOneServerAddUpAndTakeTheirStateBack) {
    auto metrics = std::make_shared<ServerMetrics>("s", true);
    const auto open = [&] { return metrics->circuits[at(CircuitState::open)].value(); };
    const auto closed = [&] { return metrics->circuits[at(CircuitState::closed)].value(); };
    {
        CircuitBreaker broken;
        CircuitMeter old(metrics);
        for (int i = 0; i < 5; ++i) {
            broken.failed(broken.admit(loop_.now()).life, loop_.now(), 0);
            loop_.advance(1s);
        }
        old.shows(broken);
        EXPECT_EQ(open(), 1);
        const CircuitMeter successor(metrics);  // a changed entry: the old one goes a little later
        EXPECT_EQ(open(), 1);
        EXPECT_EQ(closed(), 1);
        // Between two looks it half-opened and opened again.
        broken.probed(broken.admit(loop_.now() + 10s).life, false, loop_.now() + 10s, 0);
        old.shows(broken);
        EXPECT_EQ(metrics->circuit_transitions[at(CircuitState::open)].value(), 2U);
        EXPECT_EQ(metrics->circuit_transitions[at(CircuitState::half_open)].value(), 1U);
    }
    EXPECT_EQ(open(), 0);
    EXPECT_EQ(closed(), 0);
}

TEST_F(Guard, ToolsAndJsonRpcErrorsDoNotOpenACircuit) {
    BreakerCaller breaker("far", inner_, nullptr, loop_, random_);
    for (int i = 0; i < 50; ++i) {
        ask(breaker, request());
        inner_.calls.back()->end(Error(ErrorKind::rpc_error, "no such tool", Disposition::executed));
        loop_.advance(1s);
    }
    EXPECT_EQ(breaker.breaker().state(), BreakerState::closed);
    finish();
}

TEST_F(Guard, CallsThatRacedAReconnectDoNotOpenACircuit) {
    BreakerCaller breaker("far", inner_, nullptr, loop_, random_);
    for (int i = 0; i < 50; ++i) {
        ask(breaker, request());
        inner_.calls.back()->end(Error(ErrorKind::not_connected, "reconnecting"));
        ask(breaker, request());
        inner_.calls.back()->end(Error(ErrorKind::connection_lost, "gone before it was written"));
        loop_.advance(1s);
        ASSERT_EQ(breaker.breaker().state(), BreakerState::closed) << i;
    }
    EXPECT_EQ(breaker.breaker().state(), BreakerState::closed);
    finish();
}

TEST_F(Guard, ALimitQueuesFairlyAndBoundsTheQueue) {
    LimitCaller limit("far", inner_, loop_, 1, 3, 60s);
    ask(limit, request("tools/call", "a"));
    ask(limit, request("tools/call", "a"));
    ask(limit, request("tools/call", "a"));
    ask(limit, request("tools/call", "b"));
    auto full = ask(limit, request("tools/call", "c"));
    ASSERT_TRUE(full->result);
    EXPECT_EQ(full->result->error().kind(), ErrorKind::queue_full);
    std::string order;
    for (std::size_t i = 0; i < 4; ++i) {
        order += inner_.calls[i]->asker;
        inner_.calls[i]->end(Reply());
        loop_.settle();
    }
    EXPECT_EQ(order, "aaba");
    EXPECT_EQ(limit.in_flight(), 0);
    finish();
}

TEST_F(Guard, AQueuedCallEndsWithItsDeadlineOrItsCallersPatience) {
    LimitCaller limit("far", inner_, loop_, 1, 10, 60s);
    ask(limit, request());
    Request brief = request();
    brief.options.timeout = 2s;
    auto late = ask(limit, std::move(brief));
    Request given_up = request();
    given_up.cancel = std::make_shared<CancelSlot>();
    auto slot = given_up.cancel;
    auto cancelled = ask(limit, std::move(given_up));
    slot->request();
    ASSERT_TRUE(cancelled->result);
    EXPECT_EQ(cancelled->result->error().kind(), ErrorKind::cancelled);
    loop_.advance(2s);
    ASSERT_TRUE(late->result);
    EXPECT_EQ(late->result->error().kind(), ErrorKind::deadline_exceeded);
    EXPECT_EQ(late->result->error().disposition(), Disposition::not_sent);
    inner_.calls[0]->end(Reply());
    loop_.settle();
    EXPECT_EQ(inner_.calls.size(), 1U);
    EXPECT_EQ(limit.in_flight(), 0);
    finish();
}

TEST_F(Guard, ACallWhoseTurnWouldComeTooLateIsRefusedAtOnce) {
    LimitCaller limit("far", inner_, loop_, 1, 1000, 60s);
    for (int i = 0; i < 30; ++i) {  // 10 s each
        ask(limit, request());
        loop_.advance(10s);
        inner_.calls.back()->end(Reply());
    }
    for (int i = 0; i < 5; ++i) ask(limit, request());
    Request brief = request();
    brief.options.timeout = 20s;
    auto refused = ask(limit, std::move(brief));
    ASSERT_TRUE(refused->result);
    EXPECT_EQ(refused->result->error().kind(), ErrorKind::queue_full);
    finish();
}

TEST_F(Guard, WhatOneServerOfAnOriginIsToldAllOfThemHeed) {
    auto pacing = std::make_shared<OriginPacing>();
    PacingCaller one("one", "https://api.example", inner_, pacing, loop_, random_, 60s);
    PacingCaller two("two", "https://api.example", inner_, pacing, loop_, random_, 60s);
    PacingCaller other("other", "https://other.example", inner_, pacing, loop_, random_, 60s);
    auto told = ask(one, request());
    Error limited(ErrorKind::rate_limited, "429");
    limited.edit().retry_after = 30s;
    inner_.calls[0]->end(limited);
    auto waits = ask(two, request());
    EXPECT_EQ(inner_.calls.size(), 1U);
    ask(other, request());
    EXPECT_EQ(inner_.calls.size(), 2U) << "another origin goes on";
    Request brief = request();
    brief.options.timeout = 5s;
    auto refused = ask(two, std::move(brief));
    ASSERT_TRUE(refused->result);
    EXPECT_EQ(refused->result->error().kind(), ErrorKind::rate_limited);
    EXPECT_EQ(refused->result->error().details().retry_after, Duration(30s));
    loop_.advance(29s);
    EXPECT_EQ(inner_.calls.size(), 2U);
    loop_.advance(5s);
    EXPECT_EQ(inner_.calls.size(), 3U);
    finish();
}

TEST_F(Guard, ACallWaitsForAProbeNoLongerThanItMay) {
    auto prober = [](ManualLoop& loop) -> Task<Result<Duration>> {
        Pause pause(loop, loop.now() + 5s, nullptr);
        co_await pause;
        co_return Error(ErrorKind::idle_timeout, "silence");
    };
    BreakerCaller breaker("s", inner_, [&](Duration) { return prober(loop_); }, loop_, random_);
    for (int i = 0; i < 5; ++i) {
        auto ended = ask(breaker, request());
        loop_.advance(1s);
        inner_.calls.back()->end(lost());
    }
    ASSERT_EQ(breaker.breaker().state(), BreakerState::open);
    loop_.advance(6s);
    Request brief = request();
    brief.deadline = loop_.now() + 1s;
    Request hasty = request();
    hasty.cancel = std::make_shared<CancelSlot>();
    auto slot = hasty.cancel;
    auto ended = ask(breaker, std::move(brief));
    loop_.advance(999ms);
    EXPECT_FALSE(ended->result);
    loop_.advance(1ms);
    ASSERT_TRUE(ended->result);
    EXPECT_EQ(ended->result->error().kind(), ErrorKind::circuit_open);
    EXPECT_EQ(ended->result->error().disposition(), Disposition::not_sent);
    EXPECT_EQ(inner_.calls.size(), 5U);
    loop_.advance(5s);
    EXPECT_EQ(breaker.breaker().state(), BreakerState::open) << "the probe had its own time";
    loop_.advance(30s);
    auto cancelled = ask(breaker, std::move(hasty));
    loop_.advance(1s);
    slot->request();
    ASSERT_TRUE(cancelled->result);
    EXPECT_EQ(cancelled->result->error().kind(), ErrorKind::cancelled);
    finish();
}

TEST_F(Guard, ADeadlineThatIsSetCountsInTheQueueAndInAPause) {
    LimitCaller limit("s", inner_, loop_, 1, 10, 60s);
    ask(limit, request());
    Request second = request();
    second.deadline = loop_.now() + 3s;
    auto queued = ask(limit, std::move(second));
    loop_.advance(3s);
    ASSERT_TRUE(queued->result);
    EXPECT_EQ(queued->result->error().kind(), ErrorKind::deadline_exceeded);
    EXPECT_EQ(queued->result->error().disposition(), Disposition::not_sent);

    auto pacing = std::make_shared<OriginPacing>();
    pacing->note("https://api.example", 10s, loop_.now());
    PacingCaller paced("s", "https://api.example", inner_, pacing, loop_, random_, 60s);
    Request third = request();
    third.deadline = loop_.now() + 3s;
    auto refused = ask(paced, std::move(third));
    ASSERT_TRUE(refused->result);
    EXPECT_EQ(refused->result->error().kind(), ErrorKind::rate_limited);
    finish();
}

TEST_F(Guard, WhoHasCancelledAlreadyTakesNoPlaceInTheQueue) {
    LimitCaller limit("s", inner_, loop_, 1, 10, 60s);
    ask(limit, request());
    Request second = request();
    second.cancel = std::make_shared<CancelSlot>();
    second.cancel->request();
    auto queued = ask(limit, std::move(second));
    ASSERT_TRUE(queued->result);
    EXPECT_EQ(queued->result->error().kind(), ErrorKind::cancelled);
    EXPECT_EQ(limit.waiting(), 0);
    finish();
}

class Hedge : public Guard {
protected:
    HedgeCaller hedge_{inner_, loop_};
    void SetUp() override {
        for (int i = 0; i < 64; ++i) {
            ask(hedge_, request("tools/list"));
            loop_.advance(i < 12 ? 20ms : 19ms);  // 95 of 100 within 20 ms
            inner_.calls.back()->end(Reply());
        }
        inner_.calls.clear();
    }
    void TearDown() override { finish(); }
};

TEST_F(Hedge, ASlowReadIsAskedAgainAndTheFirstAnswerCounts) {
    auto ended = ask(hedge_, request("tools/list"));
    loop_.advance(19ms);
    EXPECT_EQ(inner_.calls.size(), 1U);
    loop_.advance(2ms);
    ASSERT_EQ(inner_.calls.size(), 2U);
    Reply reply;
    reply.attempts = 7;
    inner_.calls[1]->end(reply);
    ASSERT_TRUE(ended->result);
    EXPECT_EQ(ended->result->value().attempts, 7);
    EXPECT_EQ(inner_.calls[0]->result->error().kind(), ErrorKind::cancelled) << "the loser is called off";
    EXPECT_EQ(hedge_.won(), 1U);
}

TEST_F(Hedge, AToolCallIsNeverHedged) {
    ask(hedge_, request("tools/call"));
    loop_.advance(10s);
    EXPECT_EQ(inner_.calls.size(), 1U);
}

TEST_F(Hedge, AFailureWaitsForTheOtherLane) {
    auto ended = ask(hedge_, request("tools/list"));
    loop_.advance(30ms);
    ASSERT_EQ(inner_.calls.size(), 2U);
    inner_.calls[0]->end(lost());
    EXPECT_FALSE(ended->result);
    inner_.calls[1]->end(Reply());
    EXPECT_TRUE(ended->result->has_value());
}

TEST_F(Hedge, HedgesAreBudgeted) {
    for (int i = 0; i < 200; ++i) {
        ask(hedge_, request("tools/list"));
        loop_.advance(15s);
        for (const auto& call : inner_.calls) call->end(Reply());
    }
    EXPECT_LE(hedge_.hedged(), 16U);
}

TEST_F(Hedge, CancellingEndsBothLanes) {
    Request slow = request("tools/list");
    slow.cancel = std::make_shared<CancelSlot>();
    auto slot = slow.cancel;
    auto ended = ask(hedge_, std::move(slow));
    loop_.advance(30ms);
    slot->request();
    ASSERT_TRUE(ended->result);
    EXPECT_EQ(ended->result->error().kind(), ErrorKind::cancelled);
    for (const auto& call : inner_.calls) EXPECT_TRUE(call->result);
}

TEST_F(Hedge, ACancelThatCameBeforeCounts) {
    Request slow = request("tools/list");
    slow.cancel = std::make_shared<CancelSlot>();
    slow.cancel->request();
    auto ended = ask(hedge_, std::move(slow));
    ASSERT_TRUE(ended->result);
    EXPECT_EQ(ended->result->error().kind(), ErrorKind::cancelled);
    EXPECT_EQ(ended->result->error().disposition(), Disposition::not_sent);
    EXPECT_TRUE(inner_.calls.empty());
}

}  // namespace
}  // namespace haive::mcp::testing
