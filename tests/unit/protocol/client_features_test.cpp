#include "haive/mcp/protocol/elicitation.hpp"
#include "haive/mcp/protocol/logging.hpp"
#include "haive/mcp/protocol/roots.hpp"
#include "haive/mcp/protocol/sampling.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

TEST(Logging, levels_are_those_of_syslog) {
    for (int i = 0; i < 8; ++i) {
        const auto level = static_cast<LogLevel>(i);
        EXPECT_EQ(parse_log_level(to_string(level)), level);
    }
    EXPECT_EQ(to_string(LogLevel::emergency), "emergency");
    EXPECT_EQ(parse_log_level("warn"), std::nullopt);
}

TEST(Logging, messages_carry_any_data) {
    auto message = parse_logging_message(R"({"level":"warning","logger":"db","data":"slow\n"})");
    ASSERT_TRUE(message) << message.error().message();
    EXPECT_EQ(message->level, LogLevel::warning);
    EXPECT_EQ(message->text(), "slow\n");
    EXPECT_EQ(parse_logging_message(R"({"level":"info","data":{ "a":1 }})")->text(), R"({ "a":1 })");
    EXPECT_EQ(parse_logging_message(R"({"level":"loud","data":1})").error().message(),
              "LoggingMessage: `level` is not a level of syslog");
    EXPECT_EQ(parse_logging_message(R"({"level":"info"})").error().message(), "LoggingMessage: `data` is missing");
}

TEST(Roots, round_trip) {
    Root root;
    root.uri = "file:///srv/a b";
    root.name = "home";
    Root bare;
    bare.uri = "file:///x";
    EXPECT_EQ(to_list_roots_result({root, bare}).text(),
              R"({"roots":[{"uri":"file:///srv/a b","name":"home"},{"uri":"file:///x"}]})");
    EXPECT_EQ(to_list_roots_result({}).text(), R"({"roots":[]})");
    EXPECT_EQ(parse_root(R"({"uri":"file:///x","name":"n"})")->name, "n");
    EXPECT_FALSE(parse_root("{}"));
}

TEST(Sampling, a_request_is_read) {
    auto request = parse_create_message_request(
        R"({"messages":[{"role":"user","content":{"type":"text","text":"q"}},
        {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"n","input":{}},{"type":"text","text":"t"}]}],
        "maxTokens":100,"systemPrompt":"s","temperature":0.5,"stopSequences":["x"],"includeContext":"none",
        "modelPreferences":{"hints":[{"name":"claude"},{}],"costPriority":0.1},"tools":[{"name":"n"}],
        "toolChoice":{"mode":"auto"},"metadata":{"k":1}})");
    ASSERT_TRUE(request) << request.error().message();
    EXPECT_EQ(request->messages[0].content[0].text, "q");
    EXPECT_EQ(request->messages[1].content.size(), 2U);
    EXPECT_EQ(request->messages[1].content[0].raw.text(), R"({"type":"tool_use","id":"1","name":"n","input":{}})");
    EXPECT_EQ(request->max_tokens, 100);
    EXPECT_EQ(request->model_preferences.hints[0], "claude");
    EXPECT_EQ(request->model_preferences.cost_priority, 0.1);
    EXPECT_EQ(request->tools.text(), R"([{"name":"n"}])");
    EXPECT_EQ(parse_create_message_request(R"({"messages":[]})").error().message(),
              "CreateMessageRequest: `maxTokens` is missing");
    EXPECT_FALSE(parse_create_message_request(R"({"messages":[],"maxTokens":1.5})"));
    EXPECT_EQ(parse_create_message_request(R"({"messages":[],"maxTokens":1e3})")->max_tokens, 1000);
}

TEST(Sampling, one_block_is_an_object_and_several_are_a_list) {
    CreateMessageResult result;
    result.model = "m";
    result.stop_reason = "endTurn";
    result.content.push_back(ContentBlock::of_text("a"));
    EXPECT_EQ(to_json(result).text(),
              R"({"role":"assistant","content":{"type":"text","text":"a"},"model":"m","stopReason":"endTurn"})");
    result.content.push_back(ContentBlock::of_text("b"));
    EXPECT_NE(to_json(result).text().find(R"("content":[{"type":"text","text":"a"},)"), std::string::npos);
}

TEST(Elicitation, a_form_is_the_default) {
    auto request = parse_elicit_request(R"({"message":"who?","requestedSchema":{"type":"object" ,"properties":{}}})");
    ASSERT_TRUE(request) << request.error().message();
    EXPECT_EQ(request->mode, ElicitMode::form);
    EXPECT_EQ(request->requested_schema.text(), R"({"type":"object" ,"properties":{}})");
    EXPECT_EQ(parse_elicit_request(R"({"message":"x"})").error().message(),
              "ElicitRequest: `requestedSchema` is missing");
}

TEST(Elicitation, url_mode_needs_a_url) {
    auto request = parse_elicit_request(R"({"mode":"url","message":"m","url":"https://x","elicitationId":"e"})");
    ASSERT_TRUE(request) << request.error().message();
    EXPECT_EQ(request->mode, ElicitMode::url);
    EXPECT_EQ(request->elicitation_id, "e");
    EXPECT_EQ(parse_elicit_request(R"({"mode":"url","message":"m"})").error().message(),
              "ElicitRequest: `url` is missing");
    EXPECT_FALSE(parse_elicit_request(R"({"mode":"telepathy","message":"m"})"));
}

TEST(Elicitation, content_goes_only_with_accept) {
    ElicitResult result;
    result.content = json::object{{"name", "x"}};
    result.action = ElicitAction::decline;
    EXPECT_EQ(to_json(result).text(), R"({"action":"decline"})");
    result.action = ElicitAction::accept;
    EXPECT_EQ(to_json(result).text(), R"({"action":"accept","content":{"name":"x"}})");
    EXPECT_EQ(to_json(ElicitResult()).text(), R"({"action":"cancel"})");
}
