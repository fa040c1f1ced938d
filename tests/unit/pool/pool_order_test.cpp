// Who waits for whom: askers that share a pool's places, and leases that want a member for themselves.
#include "support/plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using PoolOrder = PoolPlanTest;

TEST_F(PoolOrder, APlaceThatAnotherAskerLeavesIsTakenAtOnce) {
    limits_.max_size = 1;
    const auto alice = ask(need("alice"));
    up();
    const auto hers = granted_.at(alice);
    const auto bob = ask(need("bob"));
    EXPECT_THAT(closed_, IsEmpty()) << "she uses it";
    release(alice, need("alice"));
    EXPECT_THAT(closed_, ElementsAre(hers));
    ASSERT_EQ(opened_.size(), 1U) << "now, not when something happens to be looked at";
    up();
    EXPECT_TRUE(granted_.contains(bob));
}

TEST_F(PoolOrder, ConnectionsOnTheirWayAreNotTakenFromThoseWhoWaitForThem) {
    limits_.max_size = 1;
    const auto bob = ask(need("bob"));
    const auto his = opened_.at(0);
    const auto alice = ask(need("alice"));
    for (int i = 0; i < 5; ++i) {
        plan().tick();
        decide();
    }
    EXPECT_THAT(closed_, IsEmpty());
    up();
    EXPECT_EQ(granted_.at(bob), his);
    release(bob, need("bob"));
    up();
    EXPECT_TRUE(granted_.contains(alice));
}

TEST_F(PoolOrder, AFreePlaceGoesToTheOldestWhoeverAsks) {
    limits_.max_size = 1;
    const auto first = ask(need("m"));
    up();
    const auto zoe = ask(need("zoe"));
    const auto alice = ask(need("alice"));
    release(first, need("m"));
    up();
    EXPECT_TRUE(granted_.contains(zoe));
    EXPECT_FALSE(granted_.contains(alice));
}

/// Two overlapping callers of one asker never leave the one member unused by themselves.
TEST_F(PoolOrder, AnotherAskerIsServedAlthoughTheFirstNeverPauses) {
    limits_.max_size = 2;
    auto one = ask(need("alice"));
    up();
    const auto other = ask(need("alice", "", true));  // on the second member, for long
    up();
    ASSERT_TRUE(granted_.contains(other));
    auto two = ask(need("alice"));
    const auto bob = ask(need("bob"));
    for (int i = 0; i < 10 && !granted_.contains(bob); ++i) {
        const auto next = ask(need("alice"));
        if (granted_.contains(one)) release(one, need("alice"));
        one = std::exchange(two, next);
        up();
    }
    EXPECT_TRUE(granted_.contains(bob));
}

TEST_F(PoolOrder, InExclusivePoolsTooNobodyYoungerSlipsIn) {
    limits_.mode = PoolMode::exclusive;
    limits_.max_size = 1;
    const auto first = ask(need("alice"));
    up();
    const auto bob = ask(need("bob"));
    const auto younger = ask(need("alice"));
    release(first, need("alice"));
    up();
    EXPECT_TRUE(granted_.contains(bob));
    EXPECT_FALSE(granted_.contains(younger));
}

TEST_F(PoolOrder, AnAskerForWhomThereCanNeverBeAPlaceIsToldAtOnce) {
    limits_.max_size = 1;
    const auto member = plan().adopt(now_);
    plan().report(member, MemberPhase::ready, now_, 0);
    decide();
    const auto nobody = ask();
    EXPECT_TRUE(granted_.contains(nobody));
    const auto alice = ask(need("alice"));
    EXPECT_THAT(no_place_, ElementsAre(alice));
    EXPECT_EQ(plan().counts(now_).waiting, 0);
}

TEST_F(PoolOrder, AnExclusiveAcquireIsNotStarvedByOverlappingCalls) {
    limits_.mode = PoolMode::session;
    limits_.max_size = 1;
    auto one = ask();
    up();
    auto two = ask();
    const auto alone = ask(need("", "", true));
    const auto younger = ask();
    EXPECT_FALSE(granted_.contains(younger)) << "it came later";
    release(one);
    EXPECT_FALSE(granted_.contains(younger));
    release(two);
    ASSERT_TRUE(granted_.contains(alone));
    EXPECT_FALSE(granted_.contains(younger));
    release(alone, need("", "", true));
    EXPECT_TRUE(granted_.contains(younger));
}

TEST_F(PoolOrder, AnExclusiveAcquireOfASessionIsNotStarvedByItsOwnCalls) {
    limits_.mode = PoolMode::session;
    limits_.max_size = 4;
    const auto one = ask(need("", "k"));
    up();
    const auto alone = ask(need("", "k", true));
    const auto younger = ask(need("", "k"));
    const auto stranger = ask(need("", "other"));
    EXPECT_FALSE(granted_.contains(younger));
    EXPECT_FALSE(granted_.contains(stranger)) << "it would be on the same member";
    up();
    EXPECT_TRUE(granted_.contains(stranger));
    release(one, need("", "k"));
    ASSERT_TRUE(granted_.contains(alone));
    release(alone, need("", "k", true));
    EXPECT_TRUE(granted_.contains(younger));
}

TEST_F(PoolOrder, WhileAConnectionIsOnItsWayForItOthersGoOn) {
    limits_.max_size = 2;
    const auto one = ask();
    up();
    ask(need("", "", true));
    ASSERT_EQ(opened_.size(), 1U);
    const auto younger = ask();
    ASSERT_TRUE(granted_.contains(younger));
    EXPECT_EQ(granted_.at(younger), granted_.at(one));
}

TEST_F(PoolOrder, AnExclusiveThatGivesUpLetsTheOthersIn) {
    limits_.max_size = 1;
    ask();
    up();
    const auto alone = ask(need("", "", true));
    const auto younger = ask();
    ASSERT_FALSE(granted_.contains(younger));
    EXPECT_TRUE(plan().withdraw(alone));
    decide();
    EXPECT_TRUE(granted_.contains(younger));
}

TEST_F(PoolOrder, ExclusiveAcquiresHaveTheirConnectionsOpenedSideBySide) {
    limits_.max_size = 8;
    for (int i = 0; i < 8; ++i) ask(need("", "", true));
    EXPECT_EQ(opened_.size(), 8U);
    up();
    EXPECT_EQ(granted_.size(), 8U);
}

TEST_F(PoolOrder, ConnectionsAreCountedByWhatEachWaiterTakesOfOne) {
    limits_.max_size = 8;
    limits_.max_in_flight = 4;
    for (int i = 0; i < 5; ++i) ask();
    ask(need("", "", true));
    EXPECT_EQ(opened_.size(), 3U) << "two for five shared ones, one for the exclusive one";
}

/// Whatever is asked, given back and given up by several askers, in order and at random: with places for everybody
/// in turn, each is served in the end, and no member has an exclusive lease and another one.
TEST_F(PoolOrder, WhateverIsAskedEverybodyIsServedInTheEnd) {
    for (const auto mode : {PoolMode::shared, PoolMode::session, PoolMode::exclusive}) {
        plan_.reset();
        granted_.clear();
        opened_.clear();
        limits_.mode = mode;
        limits_.max_size = 3;
        limits_.max_in_flight = 3;
        std::map<PoolPlan::WaiterId, LeaseNeed> open;
        for (int step = 0; step < 30'000; ++step) {
            now_ += 10ms;
            if (open.size() < 12 && random_.uniform() < 0.6) {
                const int n = static_cast<int>(random_.uniform() * 16);
                const LeaseNeed what =
                    need(std::string(1, static_cast<char>('a' + n % 4)), n % 3 == 0 ? "k" : "", n >= 12);
                open.emplace(ask(what), what);
            }
            if (random_.uniform() < 0.3) up();
            if (!granted_.empty() && random_.uniform() < 0.6) {
                const auto at =
                    std::next(granted_.begin(),
                              static_cast<std::ptrdiff_t>(random_.uniform() * static_cast<double>(granted_.size())));
                const auto id = at->first;
                release(id, open.at(id));
                open.erase(id);
            }
            std::map<PoolPlan::MemberId, std::pair<int, int>> leases;
            for (const auto& [id, member] : granted_) {
                ++leases[member].first;
                if (open.at(id).exclusive || mode == PoolMode::exclusive) ++leases[member].second;
            }
            for (const auto& [member, count] : leases) {
                ASSERT_TRUE(count.second == 0 || count.first == 1);
                ASSERT_LE(count.first, 3);
            }
            ASSERT_LE(plan().counts(now_).total, 3);
        }
        for (int round = 0; round < 200 && !open.empty(); ++round) {
            up();
            while (!granted_.empty()) {
                const auto id = granted_.begin()->first;
                release(id, open.at(id));
                open.erase(id);
            }
        }
        EXPECT_THAT(open, IsEmpty()) << to_string(mode);
    }
}

}  // namespace
}  // namespace haive::mcp::testing
