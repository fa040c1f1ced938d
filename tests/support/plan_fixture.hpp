#pragma once

#include "haive/mcp/base/random.hpp"
#include "pool/pool_plan.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp::testing {

using namespace std::chrono_literals;

/// A pool's plan driven as PoolCore drives it, on moved time.
class PoolPlanTest : public ::testing::Test {
protected:
    PoolLimits limits_;
    std::optional<PoolPlan> plan_;
    TimePoint now_{1h};
    SplitMix random_{1};
    std::map<PoolPlan::WaiterId, PoolPlan::MemberId> granted_;
    std::vector<PoolPlan::WaiterId> order_;
    std::vector<PoolPlan::MemberId> opened_;
    std::vector<PoolPlan::MemberId> closed_;
    std::map<PoolPlan::MemberId, EvictionReason> reasons_;
    int cut_ = 0;
    std::vector<PoolPlan::MemberId> woken_;
    std::vector<PoolPlan::WaiterId> hopeless_;
    std::vector<PoolPlan::WaiterId> no_place_;
    PoolPlan::WaiterId next_ = 1;

    PoolPlan& plan() {
        if (!plan_) plan_.emplace(limits_);
        return *plan_;
    }
    /// What a driver does after each event. Only `pass` ticks, as only a driver's timer does.
    void decide() {
        const auto actions = plan().decide(now_, [this] { return random_.uniform(); });
        for (const auto& [waiter, member] : actions.grants) {
            granted_[waiter] = member;
            order_.push_back(waiter);
        }
        for (const auto& [member, asker] : actions.open) opened_.push_back(member);
        for (const auto& closing : actions.close) {
            closed_.push_back(closing.member);
            reasons_[closing.member] = closing.why;
            cut_ += closing.cut;
        }
        for (const auto member : actions.wake) woken_.push_back(member);
        for (const auto waiter : actions.hopeless) hopeless_.push_back(waiter);
        for (const auto waiter : actions.no_place) no_place_.push_back(waiter);
    }
    static LeaseNeed need(std::string asker = "", std::string affinity = "", bool exclusive = false) {
        LeaseNeed out;
        out.asker = std::move(asker);
        out.affinity = std::move(affinity);
        out.exclusive = exclusive;
        return out;
    }
    PoolPlan::WaiterId ask(const LeaseNeed& what = LeaseNeed()) {
        EXPECT_TRUE(plan().ask(next_, what));
        decide();
        return next_++;
    }
    void release(PoolPlan::WaiterId waiter, const LeaseNeed& what = LeaseNeed()) {
        plan().release(granted_.at(waiter), what, now_);
        granted_.erase(waiter);
        decide();
    }
    /// All that was opened comes up.
    void up() {
        for (std::size_t i = 0; i < opened_.size(); ++i) {
            plan().report(opened_[i], MemberPhase::ready, now_, 0);
        }
        opened_.clear();
        decide();
    }
    void pass(Duration d) {
        const TimePoint end = now_ + d;
        for (TimePoint next = plan().next(now_); next <= end; next = plan().next(now_)) {
            ASSERT_GT(next, now_);
            now_ = next;
            plan().tick();
            decide();
        }
        now_ = end;
    }
};

}  // namespace haive::mcp::testing
