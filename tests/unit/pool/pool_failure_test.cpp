// Members that fail: who is told, what becomes of their places, and when the next is opened.
#include "support/plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PoolFailure : public PoolPlanTest {
protected:
    /// All that was opened so far fails; what is opened then is in `opened_`.
    void down() {
        for (const auto member : std::exchange(opened_, {})) plan().report(member, MemberPhase::failed, now_, 0);
        decide();
    }
};

TEST_F(PoolFailure, AnAdoptedServerIsWokenForAWaiterOnceAndThenTheWaiterIsTold) {
    limits_.max_size = 1;
    const auto member = plan().adopt(now_);
    plan().report(member, MemberPhase::ready, now_, 0);
    plan().report(member, MemberPhase::failed, now_, 0);
    decide();
    EXPECT_THAT(closed_, IsEmpty()) << "it belongs to somebody else";
    const auto waiter = ask();
    EXPECT_THAT(woken_, ElementsAre(member));
    plan().report(member, MemberPhase::failed, now_, 0);
    decide();
    EXPECT_THAT(hopeless_, ElementsAre(waiter));
}

TEST_F(PoolFailure, AFailedMemberGivesItsPlaceUp) {
    limits_.max_size = limits_.min_size = 1;
    decide();
    const auto first = opened_.at(0);
    up();
    plan().report(first, MemberPhase::failed, now_, 0);
    decide();
    EXPECT_THAT(closed_, ElementsAre(first));
    EXPECT_THAT(opened_, IsEmpty());
    pass(100ms);
    ASSERT_EQ(opened_.size(), 1U);
    up();
    EXPECT_EQ(plan().counts(now_).idle, 1);
}

TEST_F(PoolFailure, OneThatIsLentGoesWhenItIsGivenBack) {
    limits_.max_size = 1;
    const auto waiter = ask();
    up();
    const auto member = granted_.at(waiter);
    plan().report(member, MemberPhase::failed, now_, 0);
    decide();
    EXPECT_THAT(closed_, IsEmpty());
    release(waiter);
    EXPECT_THAT(closed_, ElementsAre(member));
}

TEST_F(PoolFailure, OpeningsThatFailComeMoreAndMoreSlowlyAndOneAtATime) {
    limits_.max_size = limits_.min_size = 4;
    decide();
    EXPECT_EQ(opened_.size(), 4U);
    down();
    std::vector<double> rests;
    for (int i = 0; i < 9; ++i) {
        const TimePoint began = now_;
        EXPECT_THAT(opened_, IsEmpty());
        while (opened_.empty()) {
            now_ = plan().next(now_);
            ASSERT_LT(now_, never);
            plan().tick();
            decide();
        }
        rests.push_back(to_seconds(now_ - began));
        EXPECT_EQ(opened_.size(), 1U) << "the first finds out";
        down();
    }
    EXPECT_THAT(rests, ElementsAre(0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5)) << "those of the first four are one";
    pass(5s);
    up();
    EXPECT_EQ(opened_.size(), 3U) << "it found the server well: the others follow";
    up();
    plan().report(1 + plan().members().front(), MemberPhase::failed, now_, 0);
    decide();
    pass(100ms);
    EXPECT_EQ(opened_.size(), 1U) << "and the pauses begin anew";
}

TEST_F(PoolFailure, ChanceOnlyShortensAPause) {
    for (const double u : {0.0, 0.5, 0.999}) {
        plan_.reset();
        limits_.min_size = 1;
        decide();
        plan().report(std::exchange(opened_, {}).at(0), MemberPhase::failed, now_, u);
        decide();
        const double rest = to_seconds(plan().next(now_) - now_);
        EXPECT_NEAR(rest, 0.1 * (1 - 0.5 * u), 1e-9);
    }
}

TEST_F(PoolFailure, WhileOpeningsFailANewOneHasOneAttempt) {
    ask();
    plan().report(opened_.at(0), MemberPhase::healing, now_, 0);
    decide();
    EXPECT_THAT(hopeless_, IsEmpty()) << "the first may try again: the server may be about to start";
    down();
    EXPECT_THAT(hopeless_, ElementsAre(1));
    pass(1s);
    const auto waiter = ask();
    ASSERT_EQ(opened_.size(), 1U);
    plan().report(opened_.at(0), MemberPhase::healing, now_, 0);
    decide();
    EXPECT_THAT(hopeless_, ElementsAre(1, waiter));
    EXPECT_EQ(closed_.size(), 2U);
}

TEST_F(PoolFailure, ForgivenItOpensAtOnce) {
    ask();
    down();
    ask();
    EXPECT_THAT(opened_, IsEmpty());
    plan().forgive();
    decide();
    EXPECT_EQ(opened_.size(), 1U);
}

TEST_F(PoolFailure, ABrokenMemberIsNoWarmSpare) {
    limits_.max_size = 3;
    limits_.min_idle = 1;
    decide();
    const auto spare = opened_.at(0);
    up();
    plan().report(spare, MemberPhase::healing, now_, 0);
    decide();
    EXPECT_EQ(opened_.size(), 1U) << "another one is made ready";
}

TEST_F(PoolFailure, AMemberIsSetAsideBelowSeventyAndWellAgainAtEighty) {
    limits_.min_size = limits_.max_size = 2;
    decide();
    const auto sick = opened_.at(0);
    up();
    plan().score(sick, 0.72, now_);
    EXPECT_EQ(plan().counts(now_).ejected, 0) << "it never was unwell";
    plan().score(sick, 0.69, now_);
    EXPECT_EQ(plan().counts(now_).ejected, 1);
    pass(31s);
    EXPECT_EQ(plan().counts(now_).ejected, 0) << "tried again";
    plan().score(sick, 0.75, now_);
    EXPECT_EQ(plan().counts(now_).ejected, 1) << "still unwell";
    pass(59s);
    EXPECT_EQ(plan().counts(now_).ejected, 1) << "for twice as long";
    pass(2s);
    plan().score(sick, 0.80, now_);
    plan().score(sick, 0.75, now_);
    EXPECT_EQ(plan().counts(now_).ejected, 0);
}

TEST_F(PoolFailure, OneThatRecoversComesBackBeforeItsTime) {
    limits_.min_size = limits_.max_size = 2;
    decide();
    const auto sick = opened_.at(0);
    up();
    plan().score(sick, 0.2, now_);
    ASSERT_EQ(plan().counts(now_).ejected, 1);
    plan().recovered(sick, now_);
    EXPECT_EQ(plan().counts(now_).ejected, 0);
}

TEST_F(PoolFailure, OneThatBrokeAndIsBackIsNotPunishedForItsLastLife) {
    limits_.min_size = limits_.max_size = 2;
    decide();
    const auto member = opened_.at(0);
    up();
    plan().score(member, 0, now_);
    ASSERT_EQ(plan().counts(now_).ejected, 1);
    plan().report(member, MemberPhase::healing, now_, 0);
    now_ += 1s;
    plan().report(member, MemberPhase::ready, now_, 0);
    EXPECT_EQ(plan().counts(now_).ejected, 0);
    plan().score(member, 0.9, now_);
    EXPECT_EQ(plan().counts(now_).ejected, 0);
}

}  // namespace
}  // namespace haive::mcp::testing
