#include "support/plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(PoolPlanTest, OpensForWhoWaitsAndServesInOrder) {
    limits_.max_size = 1;
    limits_.max_in_flight = 2;
    for (int i = 0; i < 5; ++i) ask();
    EXPECT_EQ(opened_.size(), 1U);
    EXPECT_THAT(order_, IsEmpty());
    up();
    EXPECT_THAT(order_, ElementsAre(1, 2));
    release(2);
    EXPECT_THAT(order_, ElementsAre(1, 2, 3));
    const auto late = ask();
    release(1);
    EXPECT_THAT(order_, ElementsAre(1, 2, 3, 4)) << "nobody slips in";
    EXPECT_TRUE(plan().withdraw(5));
    release(3);
    EXPECT_EQ(order_.back(), late);
}

TEST_F(PoolPlanTest, GrowsAheadOfACrowdAndShrinksWhenItIsOver) {
    limits_.max_size = 4;
    limits_.max_in_flight = 4;
    limits_.min_size = 1;
    decide();
    up();
    std::vector<PoolPlan::WaiterId> waiters;
    for (int i = 0; i < 4; ++i) waiters.push_back(ask());
    EXPECT_EQ(opened_.size(), 1U) << "above three quarters";
    up();
    EXPECT_EQ(plan().counts(now_).total, 2);
    for (const auto waiter : waiters) release(waiter);
    pass(11min);
    EXPECT_EQ(plan().counts(now_).total, 1);
    EXPECT_EQ(closed_.size(), 1U);
}

TEST_F(PoolPlanTest, ASessionStaysOnItsMember) {
    limits_.mode = PoolMode::session;
    limits_.max_size = 4;
    limits_.min_size = 4;
    decide();
    up();
    std::map<std::string, PoolPlan::MemberId> home;
    for (int round = 0; round < 50; ++round) {
        for (const char* key : {"a", "b", "c", "d", "e"}) {
            const auto waiter = ask(need("", key));
            ASSERT_TRUE(granted_.contains(waiter));
            const auto [known, fresh] = home.emplace(key, granted_[waiter]);
            EXPECT_EQ(known->second, granted_[waiter]) << key;
            release(waiter, need("", key));
        }
    }
}

TEST_F(PoolPlanTest, ASessionWaitsForItsMemberWhileSomebodyUsesItAndMovesWhenNobodyDoes) {
    limits_.mode = PoolMode::session;
    limits_.max_size = limits_.min_size = 2;
    decide();
    up();
    const auto first = ask(need("", "k"));
    const auto home = granted_.at(first);
    plan().report(home, MemberPhase::opening, now_, 0);
    const auto second = ask(need("", "k"));
    EXPECT_FALSE(granted_.contains(second));
    release(first, need("", "k"));
    ASSERT_TRUE(granted_.contains(second));
    EXPECT_NE(granted_.at(second), home);
}

TEST_F(PoolPlanTest, AnExclusiveLeaseIsAlone) {
    limits_.max_size = 2;
    limits_.max_in_flight = 10;
    const auto shared = ask();
    up();
    const auto exclusive = ask(need("", "", true));
    EXPECT_FALSE(granted_.contains(exclusive)) << "the one member is in use";
    up();
    ASSERT_TRUE(granted_.contains(exclusive));
    EXPECT_NE(granted_.at(exclusive), granted_.at(shared));
    const auto other = ask();
    EXPECT_EQ(granted_.at(other), granted_.at(shared));
}

TEST_F(PoolPlanTest, NoMemberServesTwoAskers) {
    limits_.max_size = 3;
    std::map<PoolPlan::MemberId, std::string> owner;
    std::vector<std::pair<PoolPlan::WaiterId, std::string>> held;
    for (int i = 0; i < 3000; ++i) {
        const std::string asker(1, static_cast<char>('a' + static_cast<int>(random_.uniform() * 6)));
        const auto waiter = ask(need(asker));
        up();
        held.emplace_back(waiter, asker);
        for (const auto& [id, who] : held) {
            if (!granted_.contains(id)) continue;
            const auto [known, fresh] = owner.emplace(granted_.at(id), who);
            ASSERT_EQ(known->second, who);
        }
        if (held.size() > 4) {
            const auto [id, who] = held[static_cast<std::size_t>(random_.uniform() * 4)];
            std::erase_if(held, [id](const auto& each) { return each.first == id; });
            if (granted_.contains(id)) {
                release(id, need(who));
            } else {
                plan().withdraw(id);
                decide();
            }
        }
        ASSERT_LE(plan().counts(now_).total, 3);
        now_ += 10ms;
    }
    EXPECT_GT(closed_.size(), 10U) << "idle ones of others made room";
}

TEST_F(PoolPlanTest, AnOldMemberIsReplacedBeforeItGoesAndOneAtATime) {
    limits_.min_size = limits_.max_size = 3;
    limits_.max_lifetime = 1800s;
    limits_.idle_timeout = {};
    decide();
    up();
    int least = 3;
    for (int step = 0; step < 400; ++step) {
        pass(10s);
        EXPECT_LE(opened_.size(), 1U);
        const auto counts = plan().counts(now_);
        least = std::min(least, counts.idle + counts.active);
        EXPECT_LE(counts.total, 4);
        up();
    }
    EXPECT_EQ(least, 3);
    EXPECT_EQ(closed_.size(), 6U) << "twice each in 4,000 s";
    for (const auto member : closed_) EXPECT_EQ(reasons_.at(member), EvictionReason::lifetime);
}

TEST_F(PoolPlanTest, AReplacementThatDoesNotComeUpCostsNothing) {
    limits_.min_size = limits_.max_size = 1;
    limits_.max_lifetime = 1800s;
    decide();
    const auto first = opened_.front();
    up();
    pass(1801s);
    ASSERT_EQ(opened_.size(), 1U);
    plan().report(opened_.front(), MemberPhase::failed, now_, 0);
    decide();
    EXPECT_THAT(closed_, ElementsAre(opened_.front()));
    EXPECT_TRUE(plan().has(first));
    EXPECT_EQ(granted_.at(ask()), first);
    EXPECT_EQ(reasons_.at(opened_.front()), EvictionReason::failed);
}

TEST_F(PoolPlanTest, LeasesThatOutliveTheirMemberAreCounted) {
    limits_.max_size = 1;
    const auto waiter = ask();
    up();
    ask();
    plan().evict(granted_.at(waiter), now_, EvictionReason::unhealthy);
    pass(29s);
    EXPECT_EQ(plan().counts(now_).used, 0) << "it is draining";
    EXPECT_EQ(plan().counts(now_).draining, 1);
    pass(2s);
    EXPECT_EQ(reasons_.at(granted_.at(waiter)), EvictionReason::unhealthy);
    EXPECT_EQ(cut_, 2);
}

TEST_F(PoolPlanTest, AnEvictedMemberFinishesWhatItHasAndThenGoes) {
    limits_.max_size = 1;
    const auto waiter = ask();
    up();
    const auto member = granted_.at(waiter);
    EXPECT_TRUE(plan().evict(member, now_));
    decide();
    EXPECT_THAT(closed_, IsEmpty());
    const auto next = ask();
    up();
    EXPECT_NE(granted_.at(next), member);
    release(waiter);
    EXPECT_THAT(closed_, ElementsAre(member));
}

TEST_F(PoolPlanTest, OneThatDoesNotEndIsCutOffAfterItsTime) {
    ask();
    up();
    EXPECT_TRUE(plan().evict(granted_.at(1), now_));
    pass(29s);
    EXPECT_THAT(closed_, IsEmpty());
    pass(2s);
    EXPECT_EQ(closed_.size(), 1U);
    plan().release(closed_[0], LeaseNeed(), now_);  // comes late: nothing happens
    decide();
    EXPECT_EQ(plan().counts(now_).leases, 0);
}

TEST_F(PoolPlanTest, SuspendedItGivesNothing) {
    ask();
    up();
    plan().suspend(true);
    const auto waiter = ask();
    EXPECT_FALSE(granted_.contains(waiter));
    plan().suspend(false);
    decide();
    EXPECT_TRUE(granted_.contains(waiter));
}

TEST_F(PoolPlanTest, SparesAreKeptWarm) {
    limits_.max_size = 5;
    limits_.min_idle = 2;
    decide();
    EXPECT_EQ(opened_.size(), 2U);
    up();
    ask(need("", "", true));
    EXPECT_EQ(opened_.size(), 1U) << "one of them was taken";
}

TEST_F(PoolPlanTest, SickMembersAreSetAsideButNeverMoreThanHalf) {
    limits_.min_size = limits_.max_size = 4;
    decide();
    const auto members = opened_;
    up();
    for (const auto member : members) plan().score(member, 0.1, now_);
    EXPECT_EQ(plan().counts(now_).ejected, 2);
    std::set<PoolPlan::MemberId> used;
    for (int i = 0; i < 200; ++i) {
        const auto waiter = ask();
        used.insert(granted_.at(waiter));
        release(waiter);
    }
    EXPECT_EQ(used.size(), 2U) << "half of them is available: health still counts";
    pass(31s);
    EXPECT_EQ(plan().counts(now_).ejected, 0);
}

TEST_F(PoolPlanTest, TenMillionLeasesLoseNoSlot) {
    limits_.max_size = 4;
    limits_.max_in_flight = 8;
    limits_.min_size = 4;
    limits_.idle_timeout = {};
    PoolPlan plan(limits_);
    const auto chance = [this] { return random_.uniform(); };
    for (const auto& [member, asker] : plan.decide(now_, chance).open) {
        plan.report(member, MemberPhase::ready, now_, 0);
    }
    std::vector<PoolPlan::MemberId> held;
    std::uint64_t next = 0;
    std::uint64_t last_served = 0;
    std::uint64_t served = 0;
    const LeaseNeed need;
    const auto take = [&] {
        for (const auto& [waiter, member] : plan.decide(now_, chance).grants) {
            ASSERT_GT(waiter, last_served) << "in order";
            last_served = waiter;
            held.push_back(member);
            ++served;
        }
    };
    while (served < 10'000'000) {
        if (random_.uniform() < 0.5) {
            if (plan.ask(next + 1, need)) ++next;
        } else if (!held.empty()) {
            plan.release(held.back(), need, now_);
            held.pop_back();
        }
        take();
        if (served % 1'000'000 == 0) {
            const auto counts = plan.counts(now_);
            ASSERT_EQ(counts.leases, static_cast<int>(held.size()));
            ASSERT_TRUE(counts.waiting == 0 || held.size() == 32);
        }
    }
    for (const auto member : held) plan.release(member, need, now_);
    held.clear();
    for (;;) {
        take();
        if (held.empty()) break;
        for (const auto member : held) plan.release(member, need, now_);
        held.clear();
    }
    EXPECT_EQ(plan.counts(now_).leases, 0);
    EXPECT_EQ(plan.counts(now_).waiting, 0);
    EXPECT_EQ(served, next);
}

}  // namespace
}  // namespace haive::mcp::testing
