#include "transport/http/http_reuse_plan.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

TEST(HttpReusePlan, ClosesASecondBeforeTheServerDoes) {
    EXPECT_EQ(idle_time("", 55s), 55s);
    EXPECT_EQ(idle_time("timeout=5, max=100", 55s), 4s);
    EXPECT_EQ(idle_time("max=100,Timeout = 20", 55s), 19s);
    EXPECT_EQ(idle_time("timeout=120", 55s), 55s);
    EXPECT_EQ(idle_time("timeout=1", 55s), 0s);
    EXPECT_EQ(idle_time("timeout=0", 55s), 0s);
}

TEST(HttpReusePlan, IgnoresWhatItCannotRead) {
    for (const char* odd : {"timeout", "timeout=", "timeout=-3", "timeout=5s", "timeout=99999999999", "=5", ",,"}) {
        EXPECT_EQ(idle_time(odd, 55s), 55s) << odd;
    }
    EXPECT_EQ(idle_time("", -1s), 0s);
}

}  // namespace
}  // namespace haive::mcp
