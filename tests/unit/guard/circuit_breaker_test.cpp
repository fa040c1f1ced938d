#include "guard/circuit_breaker.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
using Verdict = CircuitBreaker::Verdict;

class Breaker : public ::testing::Test {
protected:
    CircuitBreaker breaker_;
    TimePoint now_{1h};

    void fail() {
        const auto admission = breaker_.admit(now_);
        ASSERT_EQ(admission.verdict, Verdict::go);
        breaker_.failed(admission.life, now_, 1.0);
    }
    void succeed() {
        const auto admission = breaker_.admit(now_);
        ASSERT_EQ(admission.verdict, Verdict::go);
        breaker_.succeeded(admission.life, now_);
    }
    /// Five failures over two seconds: open for 5 s.
    void trip() {
        for (int i = 0; i < 5; ++i, now_ += 500ms) fail();
        ASSERT_EQ(breaker_.state(), BreakerState::open);
    }
    std::uint64_t begin_probe() {
        const auto admission = breaker_.admit(now_);
        EXPECT_EQ(admission.verdict, Verdict::probe_first);
        return admission.life;
    }
};

TEST_F(Breaker, OpensAfterFiveFailuresInARowSpreadOverASecond) {
    for (int i = 0; i < 4; ++i, now_ += 500ms) fail();
    EXPECT_EQ(breaker_.state(), BreakerState::closed);
    fail();
    EXPECT_EQ(breaker_.state(), BreakerState::open);
    const auto refused = breaker_.admit(now_);
    EXPECT_EQ(refused.verdict, Verdict::refused);
    EXPECT_EQ(refused.retry_after, 5s);
}

TEST_F(Breaker, OneBreakUnderManyCallsIsOneEvent) {
    for (int i = 0; i < 9; ++i) fail();
    EXPECT_EQ(breaker_.state(), BreakerState::closed);
}

TEST_F(Breaker, OpensWhenHalfOfTenCallsFail) {
    for (int i = 0; i < 5; ++i, now_ += 100ms) succeed();
    for (int i = 0; i < 4; ++i, now_ += 100ms) fail();
    EXPECT_EQ(breaker_.state(), BreakerState::closed);
    fail();
    EXPECT_EQ(breaker_.state(), BreakerState::open);
}

TEST_F(Breaker, ForgetsFailuresThatAreOlderThanItsWindow) {
    for (int i = 0; i < 4; ++i, now_ += 100ms) fail();
    now_ += 2min;
    for (int i = 0; i < 5; ++i, now_ += 100ms) succeed();
    for (int i = 0; i < 4; ++i, now_ += 100ms) fail();
    EXPECT_EQ(breaker_.state(), BreakerState::closed);
}

TEST_F(Breaker, NoUsersCallIsTheCanary) {
    trip();
    now_ += 5s;
    const auto life = begin_probe();
    EXPECT_EQ(breaker_.admit(now_).verdict, Verdict::refused) << "one probe is enough";
    breaker_.probed(life, true, now_, 0);
    const auto first = breaker_.admit(now_);
    EXPECT_EQ(first.verdict, Verdict::go);
    EXPECT_EQ(breaker_.admit(now_).verdict, Verdict::refused) << "one first";
    breaker_.succeeded(first.life, now_);
    EXPECT_EQ(breaker_.admit(now_).verdict, Verdict::go);
    EXPECT_EQ(breaker_.admit(now_).verdict, Verdict::go);
    EXPECT_EQ(breaker_.admit(now_).verdict, Verdict::refused);
    breaker_.succeeded(first.life, now_);
    breaker_.succeeded(first.life, now_);
    EXPECT_EQ(breaker_.state(), BreakerState::closed);
}

// A breaker that is stamped anew by each late failure never half-opens.
TEST_F(Breaker, LateFailuresDoNotProlongThePause) {
    std::vector<CircuitBreaker::Admission> late;
    for (int i = 0; i < 20; ++i) late.push_back(breaker_.admit(now_));
    trip();
    const auto until = breaker_.open_until();
    for (const auto& admission : late) breaker_.failed(admission.life, now_ += 100ms, 1.0);
    EXPECT_EQ(breaker_.open_until(), until);
    now_ = *until;
    begin_probe();
}

TEST_F(Breaker, APlaceIsGivenBackHoweverItsCallEnds) {
    trip();
    now_ += 5s;
    breaker_.probed(begin_probe(), true, now_, 0);
    for (int i = 0; i < 10; ++i) {
        const auto admission = breaker_.admit(now_);
        ASSERT_EQ(admission.verdict, Verdict::go) << i;
        breaker_.left(admission.life);  // cancelled, a 401, a fast path
    }
}

TEST_F(Breaker, AnUnansweredProbeBeginsALongerPauseOnce) {
    trip();
    now_ += 5s;
    const auto life = begin_probe();
    breaker_.probed(life, false, now_, 1.0);
    EXPECT_EQ(*breaker_.open_until() - now_, 10s);
    breaker_.probed(life, false, now_ + 9s, 1.0);
    EXPECT_EQ(*breaker_.open_until() - now_, 10s);
}

TEST_F(Breaker, EveryChangeOfItsStateIsCounted) {
    EXPECT_EQ(breaker_.entered(), (std::array<std::uint64_t, 3>{0, 0, 0}));
    trip();
    now_ += 5s;
    breaker_.probed(begin_probe(), true, now_, 0);
    for (int i = 0; i < 3; ++i) succeed();
    EXPECT_EQ(breaker_.entered(), (std::array<std::uint64_t, 3>{1, 1, 1}));
    breaker_.reset(now_);
    EXPECT_EQ(breaker_.entered()[0], 1U) << "it was closed already";
}

TEST_F(Breaker, PausesGrowToFiveMinutesAndShrinkWhileItIsClosed) {
    trip();
    Duration longest{};
    for (int i = 0; i < 12; ++i) {
        now_ = *breaker_.open_until();
        breaker_.probed(begin_probe(), false, now_, 0.999);
        longest = std::max(longest, *breaker_.open_until() - now_);
        ASSERT_LE(longest, 300s);
    }
    EXPECT_GT(longest, 299s);
    now_ = *breaker_.open_until();
    breaker_.probed(begin_probe(), true, now_, 0);
    for (int i = 0; i < 3; ++i) succeed();
    ASSERT_EQ(breaker_.state(), BreakerState::closed);
    now_ += 15min;
    succeed();
    trip();
    EXPECT_LE(*breaker_.open_until() - now_, 10s);
}

TEST_F(Breaker, AHandshakeStandsForTheProbe) {
    trip();
    breaker_.proven_alive(now_);
    EXPECT_EQ(breaker_.state(), BreakerState::half_open);
    EXPECT_EQ(breaker_.admit(now_).verdict, Verdict::go);
}

TEST_F(Breaker, ALoginStartsAfresh) {
    trip();
    breaker_.reset(now_);
    EXPECT_EQ(breaker_.state(), BreakerState::closed);
    for (int i = 0; i < 4; ++i, now_ += 500ms) fail();
    EXPECT_EQ(breaker_.state(), BreakerState::closed);
}

// Whatever comes, it is never stuck: after enough quiet time and one answered probe, calls go through again.
TEST(BreakerHistories, NeverStuckAndNeverMoreTrialsThanAllowed) {
    SplitMix random(7);
    for (int history = 0; history < 2000; ++history) {
        CircuitBreaker breaker;
        TimePoint now{1h};
        std::vector<CircuitBreaker::Admission> calls;
        std::vector<std::uint64_t> probes;
        for (int step = 0; step < 200; ++step) {
            now += std::chrono::milliseconds(static_cast<int>(random.uniform() * 4000));
            const double what = random.uniform();
            if (what < 0.5 || calls.empty()) {
                const auto admission = breaker.admit(now);
                if (admission.verdict == Verdict::go) calls.push_back(admission);
                if (admission.verdict == Verdict::probe_first) probes.push_back(admission.life);
            } else {
                const auto admission = calls.back();
                calls.pop_back();
                if (what < 0.7)
                    breaker.succeeded(admission.life, now);
                else if (what < 0.9)
                    breaker.failed(admission.life, now, random.uniform());
                else
                    breaker.left(admission.life);
            }
            if (!probes.empty() && random.uniform() < 0.5) {
                breaker.probed(probes.back(), random.uniform() < 0.5, now, random.uniform());
                probes.pop_back();
            }
        }
        for (const auto life : probes) breaker.probed(life, true, now, 0);
        for (const auto& admission : calls) breaker.left(admission.life);
        now += 301s;
        auto admission = breaker.admit(now);
        if (admission.verdict == Verdict::probe_first) {
            breaker.probed(admission.life, true, now, 0);
            admission = breaker.admit(now);
        }
        ASSERT_EQ(admission.verdict, Verdict::go) << "history " << history;
    }
}

}  // namespace
}  // namespace haive::mcp
