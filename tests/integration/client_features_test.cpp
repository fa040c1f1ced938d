// What a client does besides calling, with one program text, in both eras and over pipes and HTTP.
#include "integration/support/any_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

ConnectionOptions answering() {
    ConnectionOptions options = quick();
    options.client.roots.emplace_back("file:///tmp/project", "project");
    options.client.offer_sampling_tools = true;
    options.client.offer_url_elicitation = true;
    options.client.on_sampling = sampling_handler([](const CreateMessageRequest& request) {
        CreateMessageResult result;
        result.content.push_back(ContentBlock::of_text("4"));
        result.model = request.tools.empty() ? "plain" : "with tools";
        return std::optional(result);
    });
    options.client.on_elicitation = elicitation_handler([](const ElicitRequest& request, const ElicitForm* form) {
        ElicitResult result;
        result.action = ElicitAction::accept;
        if (form != nullptr && form->find("name") != nullptr && form->find("name")->required) {
            result.content = json::object{{"name", "Grace"}};
        }
        if (form == nullptr) result.action = request.url.starts_with("https://") ? ElicitAction::accept : result.action;
        return result;
    });
    return options;
}

class ClientFeatures : public ::testing::TestWithParam<TransportKind> {
protected:
    ClientFeatures() : server_(GetParam()), connection_("far", server_.transport(), answering()) {
        client_ = connection_.connect().get();
        client_->list_tools().get();
    }
    std::string ask(const std::string& what) { return client_->call_tool("ask", {{"what", what}}).get().text(); }

    AnyServer server_;
    MCPConnection connection_;
    std::shared_ptr<MCPClient> client_;
};

TEST_P(ClientFeatures, TheServersQuestionsAreAnswered) {
    EXPECT_THAT(ask("roots"), HasSubstr("file:///tmp/project"));
    EXPECT_THAT(ask("sampling"), HasSubstr("plain"));
    EXPECT_THAT(ask("sampling_with_tools"), HasSubstr("with tools"));
    EXPECT_THAT(ask("elicitation"), HasSubstr("Grace"));
    EXPECT_EQ(ask("elicitation_url").find("content"), std::string::npos);
    const json::object filled = parse_json(ask("elicitation_defaults")).value().as_object().at("content").as_object();
    EXPECT_EQ(filled.at("name"), "Ada");
    EXPECT_EQ(filled.at("age"), 36);
    EXPECT_EQ(filled.at("vip"), true);
}

TEST_P(ClientFeatures, SeveralAtOnceAndOneAfterTheOther) {
    const std::string all = client_->call_tool("ask_all").get().text();
    EXPECT_THAT(all, HasSubstr("Grace"));
    EXPECT_THAT(all, HasSubstr("project"));
    EXPECT_THAT(client_->call_tool("ask_rounds", {{"rounds", 4}}).get().text(), HasSubstr("Grace"));
}

TEST_P(ClientFeatures, ARefusedQuestionIsTold) {
    ConnectionOptions none = quick();
    MCPConnection plain("far", server_.transport(), none);
    const auto client = plain.connect().get();
    const auto ended = client->call_tool("ask", {{"what", "sampling"}}).wait();
    if (ended.has_value()) {
        EXPECT_TRUE(ended->is_error) << "the legacy server was refused, and its tool says so";
    } else {
        EXPECT_NE(ended.error().disposition(), Disposition::not_sent);
    }
}

TEST_P(ClientFeatures, StructuredOutputIsHeldAgainstItsSchema) {
    const auto good = client_->call_tool("structured").get();
    EXPECT_THAT(std::string(good.structured_content->text()), HasSubstr("Oslo"));
    const auto wrong = client_->call_tool("structured", {{"wrong", true}}).wait();
    ASSERT_TRUE(wrong.has_error());
    EXPECT_EQ(wrong.error().disposition(), Disposition::executed);
    EXPECT_THAT(wrong.error().to_string(), HasSubstr("`degrees` is missing"));
}

TEST_P(ClientFeatures, ArgumentsTravelAsHeadersWhereTheyMust) {
    const auto said = client_->call_tool("region", {{"region", "Zürich "}, {"count", 3}, {"dry", false}}).get();
    EXPECT_FALSE(said.is_error);
    EXPECT_THAT(said.text(), HasSubstr("Zürich "));
}

TEST_P(ClientFeatures, AnUnlistedToolsHeadersAreFoundOut) {
    MCPConnection fresh("far", server_.transport(), answering());
    const auto client = fresh.connect().get();
    EXPECT_THAT(client->call_tool("region", {{"region", "eu"}}).get().text(), HasSubstr("eu"));
}

TEST_P(ClientFeatures, ATaskIsFollowedAsOneCall) {
    EXPECT_FALSE(client_->call_tool("job", {{"ms", 150}}).get().is_error);
    EXPECT_THAT(client_->call_tool("job", {{"ms", 10}, {"ask", true}}).get().text(), HasSubstr("accept"));
    auto endless = client_->call_tool("job", {{"ms", 60'000}}, within(Seconds(0.1)));
    CallOptions short_total;
    short_total.max_total_timeout = Seconds(0.4);
    const auto late = client_->call_tool("job", {{"ms", 60'000}}, short_total).wait();
    ASSERT_TRUE(late.has_error());
    EXPECT_EQ(late.error().disposition(), Disposition::maybe_executed);
    endless.cancel();
    EXPECT_TRUE(endless.wait().has_error());
}

INSTANTIATE_TEST_SUITE_P(Transports, ClientFeatures,
                         ::testing::Values(TransportKind{"stdio_legacy", "stdio", "", "legacy"},
                                           TransportKind{"stdio_modern", "stdio", "", "modern"},
                                           TransportKind{"http_legacy", "--http", "http", "legacy"},
                                           TransportKind{"http_modern", "--http", "http", "modern"},
                                           TransportKind{"sse", "--sse", "sse", "legacy"}),
                         [](const auto& param) { return std::string(param.param.name); });

/// 2025-11-25: tools that run only as tasks.
TEST(ClientTasks, AToolThatMustBeATaskIsOne) {
    const TransportKind kind{"stdio", "stdio", "", "legacy"};
    const AnyServer server(kind, {"--conformance"});
    MCPConnection connection("far", server.transport(), answering());
    const auto client = connection.connect().get();
    client->list_tools().get();
    EXPECT_FALSE(client->call_tool("test_tool_with_task").get().is_error);
    EXPECT_TRUE(client->call_tool("failing_job").get().is_error);
}

}  // namespace
}  // namespace haive::mcp::testing
