#include "transport/stream/unasked_budget.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{1h};

TEST(UnaskedBudget, AMessageWeighsOneAndOneMoreForEachKibibyte) {
    EXPECT_EQ(UnaskedBudget::weight(1, 100), 1);
    EXPECT_EQ(UnaskedBudget::weight(3, 2048), 5);
    EXPECT_EQ(UnaskedBudget::weight(1, 64 << 20), 65537);
}

TEST(UnaskedBudget, ABurstCostsNoRest) {
    UnaskedBudget budget;
    EXPECT_EQ(budget.spend(UnaskedBudget::burst, start), start);
    EXPECT_GT(budget.spend(1, start), start);
}

TEST(UnaskedBudget, BehindTheBurstTheRestIsAsLongAsTheDebt) {
    UnaskedBudget budget;
    (void)budget.spend(UnaskedBudget::burst, start);
    EXPECT_EQ(budget.spend(UnaskedBudget::per_second / 10, start), start + 100ms);
    EXPECT_EQ(budget.spend(0, start + 100ms), start + 100ms);
}

TEST(UnaskedBudget, WhoIsNewHasATenthOfBoth) {
    UnaskedBudget budget;
    EXPECT_EQ(budget.spend(UnaskedBudget::burst / 10, start, true), start);
    EXPECT_EQ(budget.spend(UnaskedBudget::per_second / 100, start, true), start + 100ms);
    EXPECT_EQ(budget.spend(UnaskedBudget::per_second / 10, start, false), start + 200ms) << "what it owes stays";
}

TEST(UnaskedBudget, TheEvenRateIsNeverHeldUp) {
    UnaskedBudget budget;
    TimePoint now = start;
    for (int i = 0; i < 10'000; ++i) {
        EXPECT_EQ(budget.spend(UnaskedBudget::per_second / 100, now), now);
        now += 10ms;
    }
}

TEST(UnaskedBudget, ALongQuietIsWorthOneBurstAndNoMore) {
    UnaskedBudget budget;
    (void)budget.spend(UnaskedBudget::burst, start);
    const TimePoint later = start + 24h;
    EXPECT_EQ(budget.spend(UnaskedBudget::burst, later), later);
    EXPECT_GT(budget.spend(1, later), later);
}

TEST(UnaskedBudget, OverAnyTimeAFloodGetsTheRateAndOneBurst) {
    UnaskedBudget budget;
    TimePoint now = start;
    std::int64_t taken = 0;
    while (now < start + 60s) {
        taken += 700;  // a block of 64 KiB
        const TimePoint next = budget.spend(700, now);
        now = next > now ? next : now + 200us;
    }
    EXPECT_NEAR(static_cast<double>(taken), 60.0 * UnaskedBudget::per_second + UnaskedBudget::burst, 1400);
}

}  // namespace
}  // namespace haive::mcp
