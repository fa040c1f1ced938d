#include "transport/http/http_reuse_plan.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

constexpr auto twice = IdleUse::harmless_twice;
constexpr auto once = IdleUse::once;

TEST(HttpReusePlan, ClosesASecondBeforeTheServerDoes) {
    for (const IdleUse use : {twice, once}) {
        EXPECT_EQ(idle_time("timeout=5, max=100", 55s, use), 4s);
        EXPECT_EQ(idle_time("max=100,Timeout = 20", 55s, use), 19s);
        EXPECT_EQ(idle_time("timeout=120", 55s, use), 55s);
        EXPECT_EQ(idle_time("timeout=1", 55s, use), 0s);
        EXPECT_EQ(idle_time("timeout=0", 55s, use), 0s);
    }
}

// Node and uvicorn close after five seconds and do not say so.
TEST(HttpReusePlan, WhatMayRunOnlyOnceDoesNotMeetAServerThatSaidNothing) {
    EXPECT_EQ(idle_time("", 55s, twice), 55s);
    EXPECT_EQ(idle_time("", 55s, once), 4s);
    EXPECT_EQ(idle_time("", 2s, once), 2s);
}

TEST(HttpReusePlan, IgnoresWhatItCannotRead) {
    for (const char* odd : {"timeout", "timeout=", "timeout=-3", "timeout=5s", "timeout=99999999999", "=5", ",,"}) {
        EXPECT_EQ(idle_time(odd, 55s, twice), 55s) << odd;
        EXPECT_EQ(idle_time(odd, 55s, once), 4s) << odd;
    }
    EXPECT_EQ(idle_time("", -1s, twice), 0s);
    EXPECT_EQ(idle_time("", -1s, once), 0s);
}

}  // namespace
}  // namespace haive::mcp
