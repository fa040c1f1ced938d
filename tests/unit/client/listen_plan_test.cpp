#include "client/listen_plan.hpp"

#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

TEST(ListenPlan, AsksForWhatIsOfferedAndWished) {
    ServerCapabilities offered;
    StandingWishes wishes;
    EXPECT_EQ(listen_filter(offered, wishes), "");
    offered.tools_list_changed = offered.resources_list_changed = true;
    EXPECT_EQ(listen_filter(offered, wishes), R"({"toolsListChanged":true,"resourcesListChanged":true})");
    wishes.resources = {"b:\"2\"", "a:1"};
    EXPECT_EQ(listen_filter(ServerCapabilities(), wishes), R"({"resourceSubscriptions":["a:1","b:\"2\""]})");
}

TEST(ListenPlan, SaysWhatTheServerDidNotTakeOn) {
    const char* filter = R"({"toolsListChanged":true,"promptsListChanged":true,"resourceSubscriptions":["a","b"]})";
    EXPECT_EQ(not_honoured(filter, R"({"notifications":{"toolsListChanged":true,"resourceSubscriptions":["b"]}})"),
              "promptsListChanged, a");
    EXPECT_EQ(not_honoured(filter, R"({"notifications":)" + std::string(filter) + "}"), "");
    EXPECT_EQ(not_honoured(filter, "{}"), "");
}

TEST(ListenPlan, PausesGrowToAMinute) {
    EXPECT_EQ(pause_before_listening(0, 0), 1s);
    EXPECT_EQ(pause_before_listening(3, 0), 8s);
    EXPECT_EQ(pause_before_listening(3, 1), 4s);
    EXPECT_EQ(pause_before_listening(1000, 0), 60s);
}

}  // namespace
}  // namespace haive::mcp::testing
