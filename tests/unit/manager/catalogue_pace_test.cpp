#include "manager/catalogue_pace.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{1h};

TEST(CataloguePace, WhatComesTogetherIsMergedOnce) {
    CataloguePace pace;
    EXPECT_EQ(pace.due(start, 10, true), start + 5ms);
    EXPECT_EQ(pace.due(start, 10'000, true), start + 500ms) << "a large fleet less often";
}

TEST(CataloguePace, TheLastThatWasExpectedIsNotKeptWaiting) {
    CataloguePace pace;
    (void)pace.due(start, 10, true);
    EXPECT_EQ(pace.due(start + 1ms, 10, false), start + 1ms);
}

TEST(CataloguePace, WhateverTheServersDoThereAreTwoMergesInAMoment) {
    CataloguePace pace;
    TimePoint due = never;
    int merges = 0;
    for (TimePoint now = start; now < start + 1s; now += 100us) {
        if (now >= due) {
            ++merges;
            due = never;
        }
        due = std::min(due, pace.due(now, 10, false));
    }
    EXPECT_LE(merges, 2 * 200);
    EXPECT_GT(merges, 150);
}

}  // namespace
}  // namespace haive::mcp
