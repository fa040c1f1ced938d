#include "connection/time_jump_detector.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

const TimePoint start = TimePoint{} + 100h;

TEST(TimeJumpDetector, ticks_in_time_are_no_jump) {
    TimeJumpDetector d;
    TimePoint now = start;
    for (int i = 1; i < 1000; ++i) {
        d.arm(now + i * 10ms, 0s);
        EXPECT_FALSE(d.on_tick(now += i * 10ms, 0s));
    }
}

TEST(TimeJumpDetector, an_unarmed_tick_knows_nothing) {
    TimeJumpDetector d;
    EXPECT_FALSE(d.on_tick(start, 77h));
}

TEST(TimeJumpDetector, SM15_late_by_more_than_one_and_a_half_seconds) {
    TimeJumpDetector d;
    d.arm(start, 0s);
    EXPECT_FALSE(d.on_tick(start + 1500ms, 0s));
    d.arm(start + 10s, 0s);
    const TimeJump jump = d.on_tick(start + 11501ms, 0s);
    EXPECT_TRUE(jump.stalled);
    EXPECT_FALSE(jump.slept);
    EXPECT_EQ(jump.gap, 1501ms);
    EXPECT_FALSE(d.on_tick(start + 20s, 0s)) << "seen once";
}

TEST(TimeJumpDetector, SM15_suspend_shows_in_boottime_only) {
    TimeJumpDetector d;
    d.arm(start + 1s, 10s);
    EXPECT_FALSE(d.on_tick(start + 1s, 15s)) << "5 s is not more than 5 s";
    d.arm(start + 2s, 15s);
    const TimeJump jump = d.on_tick(start + 2s, 15s + 1h);
    EXPECT_TRUE(jump.slept);
    EXPECT_FALSE(jump.stalled);
    EXPECT_EQ(jump.gap, 1h);
    d.arm(start + 3s, 15s + 1h);
    EXPECT_FALSE(d.on_tick(start + 3s, 15s + 1h));
}

TEST(TimeJumpDetector, a_sleep_between_a_tick_and_the_next_arming_is_seen) {
    TimeJumpDetector d;
    d.arm(start + 1s, 0s);
    EXPECT_FALSE(d.on_tick(start + 1s, 0s));
    d.arm(start + 2s, 1h);
    EXPECT_TRUE(d.on_tick(start + 2s, 1h).slept);
}

TEST(TimeJumpDetector, an_early_tick_is_harmless) {
    TimeJumpDetector d;
    d.arm(start + 1h, 1h);
    EXPECT_FALSE(d.on_tick(start, 0s));
}

}  // namespace
}  // namespace haive::mcp
