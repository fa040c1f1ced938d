#include "connection/time_jump_detector.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

TEST(TimeJumpDetector, regular_ticks_are_no_jump) {
    TimeJumpDetector d;
    TimePoint now{};
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(d.on_tick(now += 1s, 0s));
}

TEST(TimeJumpDetector, the_first_tick_knows_nothing) {
    TimeJumpDetector d;
    EXPECT_FALSE(d.on_tick(TimePoint{} + 100h, 77h));
    EXPECT_FALSE(d.on_tick(TimePoint{} + 100h + 1s, 77h));
}

TEST(TimeJumpDetector, SM15_late_by_more_than_one_and_a_half_ticks) {
    TimeJumpDetector d;
    TimePoint now{};
    (void)d.on_tick(now, 0s);
    EXPECT_FALSE(d.on_tick(now += 2500ms, 0s)) << "late by exactly 1.5";
    const TimeJump jump = d.on_tick(now += 2501ms, 0s);
    EXPECT_TRUE(jump.stalled);
    EXPECT_FALSE(jump.slept);
    EXPECT_EQ(jump.gap, 1501ms);
    EXPECT_FALSE(d.on_tick(now += 1s, 0s)) << "seen once";
}

TEST(TimeJumpDetector, SM15_suspend_shows_in_boottime_only) {
    TimeJumpDetector d;
    TimePoint now{};
    (void)d.on_tick(now, 10s);
    EXPECT_FALSE(d.on_tick(now += 1s, 15s)) << "5 s is not more than 5 s";
    const TimeJump jump = d.on_tick(now += 1s, 15s + 1h);
    EXPECT_TRUE(jump.slept);
    EXPECT_FALSE(jump.stalled);
    EXPECT_EQ(jump.gap, 1h);
    EXPECT_FALSE(d.on_tick(now += 1s, 15s + 1h));
}

TEST(TimeJumpDetector, early_ticks_and_backward_steps_are_harmless) {
    TimeJumpDetector d;
    TimePoint now = TimePoint{} + 1h;
    (void)d.on_tick(now, 1h);
    EXPECT_FALSE(d.on_tick(now += 1ms, 0s));
    EXPECT_FALSE(d.on_tick(now -= 1s, 0s));
}

TEST(TimeJumpDetector, other_ticks) {
    TimeJumpDetector d(100ms);
    TimePoint now{};
    (void)d.on_tick(now, 0s);
    EXPECT_FALSE(d.on_tick(now += 250ms, 0s));
    EXPECT_TRUE(d.on_tick(now += 251ms, 0s));
}

}  // namespace
}  // namespace haive::mcp
