#include "protocol/task_facts.hpp"

#include "client/task_following.hpp"

#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

TEST(TaskFacts, AreReadInBothDialects) {
    const auto old = parse_created_task(
        R"({"task":{"taskId":"t1","status":"working","ttl":60000,"pollInterval":100,"statusMessage":"m"}})");
    ASSERT_TRUE(old && old->has_value());
    EXPECT_EQ((**old).id, "t1");
    EXPECT_EQ((**old).poll_interval, Duration(100ms));
    EXPECT_FALSE(parse_created_task(R"({"content":[]})").has_value());
    const auto now = parse_task(
        R"({"resultType":"task","taskId":"t2","status":"completed","ttlMs":null,"pollIntervalMs":5,"result":{"content":[]}})");
    ASSERT_TRUE(now.has_value());
    EXPECT_EQ(now->status, TaskStatus::completed);
    EXPECT_EQ(now->result.text(), R"({"content":[]})");
    EXPECT_TRUE(parse_task(R"({"status":"working"})").has_error());
    EXPECT_EQ(parse_task(R"({"taskId":"x","status":"paused"})")->status, TaskStatus::unknown);
}

TEST(TaskFacts, ArePolledAsTheServerLikesWithinReason) {
    TaskFacts facts;
    EXPECT_EQ(next_poll(facts, 0), 1s);
    EXPECT_EQ(next_poll(facts, 1), 1500ms);
    EXPECT_EQ(next_poll(facts, 1000), 60s);
    facts.poll_interval = 1ms;
    EXPECT_EQ(next_poll(facts, 9), 50ms);
    facts.poll_interval = 1h;
    EXPECT_EQ(next_poll(facts, 0), 60s);
}

TEST(TaskFacts, ACallBecomesATaskWithoutAChangeToItsWords) {
    EXPECT_EQ(params_as_task(R"({"name":"x","arguments":{"a":1.0}})"),
              R"({"name":"x","arguments":{"a":1.0},"task":{}})");
    EXPECT_EQ(params_as_task("{}"), R"({"task":{}})");
}

}  // namespace
}  // namespace haive::mcp::testing
