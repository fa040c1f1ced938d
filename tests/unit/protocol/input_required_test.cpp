#include "protocol/input_required.hpp"

#include "protocol/sampling_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

TEST(InputRequired, TheTypeOfAResultIsCompleteUnlessItSaysOtherwise) {
    EXPECT_EQ(result_type(R"({"content":[]})"), "complete");
    EXPECT_EQ(result_type(R"({"resultType":"input_required"})"), "input_required");
    EXPECT_EQ(result_type(R"({"a":{"resultType":"task"}})"), "complete");
    EXPECT_EQ(result_type(R"({"resultType":7})"), "unreadable");
}

TEST(InputRequired, KeepsTheStateAsItWasSpelt) {
    const auto asked = parse_input_required(
        R"({"resultType":"input_required","requestState":"a\u00e9\/b","inputRequests":{"k 1":{"method":"roots/list"},)"
        R"("k2":{"method":"elicitation/create","params":{"message":"?"}}}})");
    ASSERT_TRUE(asked.has_value());
    EXPECT_EQ(asked->request_state, R"("a\u00e9\/b")");
    ASSERT_EQ(asked->requests.size(), 2U);
    EXPECT_EQ(asked->requests[0].key, "k 1");
    EXPECT_EQ(asked->requests[0].params.text(), "{}");
    EXPECT_EQ(asked->requests[1].params.text(), R"({"message":"?"})");
}

TEST(InputRequired, MalformedOnesAreRefused) {
    EXPECT_TRUE(parse_input_required(R"({"inputRequests":[]})").has_error());
    EXPECT_TRUE(parse_input_required(R"({"inputRequests":{"a":{}}})").has_error());
    EXPECT_TRUE(parse_input_required(R"({"requestState":{}})").has_error());
    std::string many = R"({"inputRequests":{)";
    for (int i = 0; i < 65; ++i) many += '"' + std::to_string(i) + R"(":{"method":"roots/list"},)";
    many.back() = '}';
    EXPECT_TRUE(parse_input_required(many + '}').has_error());
}

TEST(InputRequired, TheNextRoundRepeatsTheParamsByteForByte) {
    const std::string params = R"({"name":"x","arguments":{"n":1.50,"s":"\u0041"}})";
    EXPECT_EQ(params_with_input(params, {{"k", RawJson(R"({"action":"accept"})")}}, R"("s\/1")"),
              R"({"name":"x","arguments":{"n":1.50,"s":"\u0041"},"inputResponses":{"k":{"action":"accept"}},)"
              R"("requestState":"s\/1"})");
    EXPECT_EQ(params_with_input("", {}, ""), "{}");
    EXPECT_EQ(params_with_input(R"({"a":1,"requestState":"old","inputResponses":{"x":{}}})", {}, R"("new")"),
              R"({"a":1,"requestState":"new"})");
}

TEST(InputRequired, AnErrorMayNameElicitations) {
    EXPECT_EQ(required_elicitations(R"({"elicitations":[{"mode":"url"},7]})").size(), 1U);
    EXPECT_TRUE(required_elicitations("").empty());
}

std::string problem(std::string_view messages, bool tools = true, std::string_view more = "") {
    const std::string params = R"({"maxTokens":9,"messages":)" + std::string(messages) + std::string(more) + "}";
    return sampling_problem(parse_create_message_request(params).value(), tools).value_or("");
}

TEST(SamplingCheck, ToolUsesAndResultsMatch) {
    const std::string use = R"({"role":"assistant","content":{"type":"tool_use","id":"1","name":"t","input":{}}})";
    const std::string result = R"({"role":"user","content":{"type":"tool_result","toolUseId":"1","content":[]}})";
    EXPECT_EQ(problem(R"([{"role":"user","content":{"type":"text","text":"hi"}}])"), "");
    EXPECT_EQ(problem("[" + use + "," + result + "]"), "");
    EXPECT_THAT(problem("[" + use + "]"), HasSubstr("no tool_result"));
    EXPECT_THAT(problem("[" + result + "]"), HasSubstr("do not match"));
    EXPECT_THAT(problem("[" + use +
                        R"(,{"role":"user","content":[{"type":"tool_result","toolUseId":"1","content":[]},)"
                        R"({"type":"text","text":"x"}]}])"),
                HasSubstr("other content"));
    EXPECT_THAT(problem(R"([{"role":"user","content":{"type":"tool_use","id":"1","name":"t","input":{}}}])"),
                HasSubstr("not the assistant's"));
    EXPECT_THAT(problem("[]", false, R"(,"tools":[])"), HasSubstr("did not offer"));
}

}  // namespace
}  // namespace haive::mcp::testing
