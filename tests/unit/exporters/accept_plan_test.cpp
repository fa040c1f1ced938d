#include "exporters/accept_plan.hpp"

#include <gtest/gtest.h>

#include <cerrno>

using namespace haive::mcp;
using namespace std::chrono_literals;

TEST(AcceptPlan, want_of_descriptors_makes_it_rest) {
    const TimePoint start{};
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM}) {
        AcceptPlan plan;
        EXPECT_TRUE(plan.asks(start));
        EXPECT_FALSE(plan.rest(start));
        plan.failed(error, start);
        EXPECT_FALSE(plan.asks(start + 99ms)) << error;
        EXPECT_EQ(plan.rest(start + 40ms), Duration(60ms)) << error;
        EXPECT_TRUE(plan.asks(start + 100ms)) << error;
        EXPECT_FALSE(plan.rest(start + 100ms)) << error;
    }
}

TEST(AcceptPlan, what_passes_by_itself_does_not) {
    for (const int error : {EAGAIN, EWOULDBLOCK, EINTR, ECONNABORTED}) {
        AcceptPlan plan;
        plan.failed(error, TimePoint{});
        EXPECT_TRUE(plan.asks(TimePoint{})) << error;
    }
}
