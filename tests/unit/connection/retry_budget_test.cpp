#include "connection/retry_budget.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

TimePoint at(double seconds) { return TimePoint{} + to_duration(Seconds(seconds)); }

TEST(RetryBudget, Q8_starts_full) {
    const RetryBudget b(at(0));
    EXPECT_DOUBLE_EQ(b.tokens(at(0)), 10);
    EXPECT_TRUE(b.allows_retry(at(0)));
    EXPECT_DOUBLE_EQ(b.tokens(at(1e6)), 10) << "never above its capacity";
}

TEST(RetryBudget, Q8_allows_only_above_half) {
    RetryBudget b(at(0));
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(b.allows_retry(at(0))) << i;
        b.spend(at(0), 1);
    }
    EXPECT_DOUBLE_EQ(b.tokens(at(0)), 5);
    EXPECT_FALSE(b.allows_retry(at(0))) << "exactly half is not more than half";
    EXPECT_TRUE(b.allows_retry(at(0.5)));
}

TEST(RetryBudget, Q8_timeouts_cost_two) {
    RetryBudget b(at(0));
    b.spend(at(0), 2);
    b.spend(at(0), 2);
    b.spend(at(0), 2);
    EXPECT_DOUBLE_EQ(b.tokens(at(0)), 4);
    EXPECT_FALSE(b.allows_retry(at(0)));
}

TEST(RetryBudget, Q8_refills_with_time_and_with_success) {
    RetryBudget b(at(0));
    b.spend(at(0), 8);
    EXPECT_NEAR(b.tokens(at(10)), 3.0, 1e-9);
    for (int i = 0; i < 15; ++i) b.first_time_success(at(10));
    EXPECT_NEAR(b.tokens(at(10)), 4.5, 1e-9);
    EXPECT_NEAR(b.tokens(at(20)), 5.5, 1e-9);
    for (int i = 0; i < 1000; ++i) b.first_time_success(at(20));
    EXPECT_DOUBLE_EQ(b.tokens(at(20)), 10);
}

TEST(RetryBudget, never_below_empty_nor_backwards_in_time) {
    RetryBudget b(at(100));
    b.spend(at(100), 1000);
    EXPECT_DOUBLE_EQ(b.tokens(at(100)), 0);
    EXPECT_DOUBLE_EQ(b.tokens(at(50)), 0);
    b.spend(at(50), 1);
    EXPECT_NEAR(b.tokens(at(110)), 1.0, 1e-9) << "a lagging clock must not fill it twice";
}

TEST(RetryBudget, Q8_in_an_outage_retries_are_a_tenth_of_a_token_a_second) {
    RetryBudget b(at(0));
    int retries = 0;
    for (int i = 0; i < 100'000; ++i) {  // 1000 s at 100 failing calls a second
        const TimePoint now = at(i * 0.01);
        if (!b.allows_retry(now)) continue;
        b.spend(now, 1);
        ++retries;
    }
    EXPECT_NEAR(retries, 5 + 100, 2);
}

}  // namespace
}  // namespace haive::mcp
