// What goes on around a call: the server's questions, progress, cancelling, time limits.
#include "haive/mcp/protocol/sampling.hpp"
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

#include <future>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

ConnectionOptions legacy() {
    ConnectionOptions options = quick();
    options.client.era = EraPreference::legacy;
    return options;
}

TEST(ServerAsks, ForTheRootsThatWereGiven) {
    ConnectionOptions options = legacy();
    options.client.roots = {ClientRoot("file:///srv/one", "One"), ClientRoot("file:///srv/t%20wo")};
    Served served({}, StdioOptions(), options);
    const auto client = served.connect();
    EXPECT_EQ(served.text("ask", {{"what", "roots"}}),
              R"({"roots":[{"uri":"file:///srv/one","name":"One"},{"uri":"file:///srv/t%20wo"}]})");
    client->set_roots({ClientRoot("file:///other")});
    EXPECT_THAT(served.text("ask", {{"what", "roots"}}), HasSubstr("file:///other"));
    EXPECT_EQ(served.log->count_note("request roots/list"), 2);
}

TEST(ServerAsks, APingWhileItsToolIsAtWork) {
    Served served({}, StdioOptions(), legacy());
    served.connect();
    EXPECT_EQ(served.text("ask", {{"what", "ping"}}), "{}");
}

TEST(ServerAsks, TheModelAndTheHandlerAnswersFromAnotherThread) {
    ConnectionOptions options = legacy();
    auto asked = std::make_shared<std::promise<std::string>>();
    auto worker = std::make_shared<std::thread>();
    options.client.on_sampling = [asked, worker](const RawJson& params, std::shared_ptr<ServerRequestReply> reply) {
        asked->set_value(params.text());
        *worker = std::thread([reply] {
            CreateMessageResult result;
            result.content.push_back(ContentBlock::of_text("four"));
            result.model = "test-model";
            reply->answer(to_json(result));
        });
    };
    Served served({}, StdioOptions(), options);
    served.connect();
    const std::string answer = served.text("ask", {{"what", "sampling"}});
    worker->join();
    EXPECT_THAT(answer, HasSubstr("four"));
    EXPECT_THAT(answer, HasSubstr("test-model"));
    EXPECT_THAT(asked->get_future().get(), HasSubstr("What is 2+2?"));
}

TEST(ServerAsks, WhatNobodyHandlesIsRefusedPolitely) {
    Served served({}, StdioOptions(), legacy());
    const auto client = served.connect();
    for (const auto* what : {"sampling", "elicitation"}) {
        const auto result = client->call_tool("ask", {{"what", what}}).get();
        EXPECT_TRUE(result.is_error);
        EXPECT_THAT(result.text(), HasSubstr("-32601"));
    }
}

TEST(ServerAsks, AHandlerThatFailsOrForgetsRefuses) {
    ConnectionOptions options = legacy();
    options.client.on_sampling = [](const RawJson&, const std::shared_ptr<ServerRequestReply>&) {
        throw std::runtime_error("the model is out");
    };
    options.client.on_elicitation = [](const RawJson&, const std::shared_ptr<ServerRequestReply>&) {};
    Served served({}, StdioOptions(), options);
    const auto client = served.connect();
    EXPECT_THAT(client->call_tool("ask", {{"what", "sampling"}}).get().text(), HasSubstr("the model is out"));
    EXPECT_TRUE(client->call_tool("ask", {{"what", "elicitation"}}).get().is_error);
    EXPECT_EQ(served.text("echo", {{"text", "fine"}}), "fine");
}

TEST(ServerAsks, AHandlerThatHoldsItsReplyPastTheServersDeathIsHarmless) {
    ConnectionOptions options = legacy();
    auto held = std::make_shared<std::promise<std::shared_ptr<ServerRequestReply>>>();
    options.client.on_sampling = [held](const RawJson&, std::shared_ptr<ServerRequestReply> reply) {
        held->set_value(std::move(reply));
    };
    Served served({}, StdioOptions(), options);
    const auto client = served.connect();
    auto asking = client->call_tool("ask", {{"what", "sampling"}});
    auto reply = held->get_future().get();
    kill(served.pid(), SIGKILL);
    EXPECT_TRUE(asking.wait().has_error());
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    reply->answer(RawJson(R"({"late":true})"));
    EXPECT_EQ(served.text("echo", {{"text", "fine"}}), "fine");
}

class Dialogue : public ::testing::TestWithParam<const char*> {
protected:
    Served served{{"--era", GetParam()}};
};

TEST_P(Dialogue, ProgressIsReportedInOrder) {
    served.connect();
    auto steps = std::make_shared<std::vector<std::string>>();
    CallOptions options;
    options.on_progress = [steps](const Progress& p) {
        steps->push_back(std::to_string(static_cast<int>(p.progress)) + "/" +
                         std::to_string(static_cast<int>(p.total.value_or(0))) + " " + p.message);
    };
    EXPECT_EQ(served.text("progress", {{"steps", 4}, {"ms", 5}}, options), "done after 4 steps");
    EXPECT_EQ(*steps, (Args{"1/4 step 1", "2/4 step 2", "3/4 step 3", "4/4 step 4"}));
}

TEST_P(Dialogue, ProgressKeepsACallAliveButNotForEver) {
    const auto client = served.connect();
    CallOptions options = within(Seconds(0.5));
    EXPECT_EQ(served.text("progress", {{"steps", 6}, {"ms", 120}}, options), "done after 6 steps");
    options.max_total_timeout = Seconds(0.6);
    const auto failed = client->call_tool("progress", {{"steps", 100}, {"ms", 120}}, options).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::deadline_exceeded);
}

TEST_P(Dialogue, ACancelledCallEndsAtOnceAndTheServerIsTold) {
    const auto client = served.connect();
    auto call = client->call_tool("sleep", {{"ms", 200}});
    (void)served.text("add", {{"a", 1}, {"b", 1}});  // the sleep has been read
    const auto took = time_of([&] {
        call.cancel();
        const auto ended = call.wait();
        ASSERT_TRUE(ended.has_error());
        EXPECT_EQ(ended.error().kind(), ErrorKind::cancelled);
        EXPECT_EQ(ended.error().disposition(), Disposition::maybe_executed);
    });
    EXPECT_LT(took, 150ms) << "not by the answer";
    (void)served.text("sleep", {{"ms", 300}});  // an answer would have come before this one
    served.connection.health_check().get();
    EXPECT_EQ(served.counter("late_replies"), 0U) << "the server answers what it knows to be cancelled";
}

TEST_P(Dialogue, ACallThatTookTooLongIsCancelledAtTheServerToo) {
    const auto client = served.connect();
    const auto ended = client->call_tool("sleep", {{"ms", 300}}, within(Seconds(0.1))).wait();
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::idle_timeout);
    EXPECT_EQ(ended.error().disposition(), Disposition::maybe_executed);
    (void)served.text("sleep", {{"ms", 400}});
    served.connection.health_check().get();
    EXPECT_EQ(served.counter("late_replies"), 0U);
}

INSTANTIATE_TEST_SUITE_P(Eras, Dialogue, ::testing::Values("legacy", "modern"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace haive::mcp::testing
