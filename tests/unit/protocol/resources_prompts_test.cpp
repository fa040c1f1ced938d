#include "haive/mcp/protocol/completion.hpp"
#include "haive/mcp/protocol/prompts.hpp"
#include "haive/mcp/protocol/resources.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

TEST(Resources, a_list_is_read) {
    auto list = parse_list_resources_result(
        R"({"resources":[{"uri":"file:///a","name":"a","title":"A","description":"d",
        "mimeType":"text/plain","size":4294967296,"annotations":{"audience":["user"]},"icons":[{"src":"data:,x"}]},
        {"name":"no uri"},{"uri":"file:///b","name":"b","size":"odd"}],"nextCursor":"c2"})");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->resources.size(), 2U);
    EXPECT_EQ(list->resources[0].display_name(), "A");
    EXPECT_EQ(list->resources[0].size, 4294967296);
    EXPECT_EQ(list->resources[0].annotations.text(), R"({"audience":["user"]})");
    EXPECT_TRUE(list->resources[0].icons[0].has_allowed_scheme());
    EXPECT_EQ(list->resources[1].size, std::nullopt);
    ASSERT_EQ(list->skipped.size(), 1U);
    EXPECT_EQ(list->skipped[0].name, "no uri");
    EXPECT_EQ(list->skipped[0].reason, "Resource: `uri` is missing");
    EXPECT_EQ(list->next_cursor, "c2");
    EXPECT_EQ(parse_list_resources_result("{}").error().message(), "ListResourcesResult: `resources` is missing");
}

TEST(Resources, templates_are_read) {
    auto list = parse_list_resource_templates_result(
        R"({"resourceTemplates":[{"uriTemplate":"file:///{+path}","name":"t","x":1},{"uriTemplate":"no name"}]})");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->resource_templates.size(), 1U);
    EXPECT_EQ(list->resource_templates[0].uri_template, "file:///{+path}");
    EXPECT_EQ(list->resource_templates[0].raw.text(), R"({"uriTemplate":"file:///{+path}","name":"t","x":1})");
    EXPECT_EQ(list->skipped[0].reason, "ResourceTemplate: `name` is missing");
}

TEST(Resources, contents_are_text_or_blob) {
    auto result = parse_read_resource_result(R"({"contents":[{"uri":"a","text":"x","mimeType":"text/plain"},
        {"uri":"b","blob":"aGk="},{"uri":"c","text":"","_meta":{}}],"ttlMs":0})");
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->contents[0].text, "x");
    EXPECT_EQ(result->contents[1].blob, "aGk=");
    EXPECT_EQ(result->contents[1].text, std::nullopt);
    EXPECT_EQ(result->contents[2].text, "");
    EXPECT_EQ(result->text(), "x\n");
    EXPECT_EQ(result->cache.ttl, Duration::zero());
    EXPECT_EQ(parse_read_resource_result(R"({"contents":[{"uri":"a"}]})").error().message(),
              "ReadResourceResult: `contents[0]`: ResourceContents: `text` or `blob` is missing");
}

TEST(Prompts, lists_and_arguments_are_read) {
    auto list = parse_list_prompts_result(
        R"({"prompts":[{"name":"p","arguments":[{"name":"a","required":true},
        {"name":"b","description":"d"}]},{"name":"q","arguments":[{}]},{"name":"r","arguments":null}]})");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->prompts.size(), 2U);
    EXPECT_TRUE(list->prompts[0].arguments[0].required);
    EXPECT_FALSE(list->prompts[0].arguments[1].required);
    EXPECT_EQ(list->skipped[0].name, "q");
    EXPECT_EQ(list->skipped[0].reason, "Prompt: `arguments[0]`: PromptArgument: `name` is missing");
}

TEST(Prompts, messages_carry_content) {
    auto result = parse_get_prompt_result(R"({"description":"d","messages":[
        {"role":"user","content":{"type":"text","text":"hi"}},{"role":"assistant","content":{"type":"odd","x":1}}]})");
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->messages[0].content.text, "hi");
    EXPECT_EQ(result->messages[1].content.raw.text(), R"({"type":"odd","x":1})");
    EXPECT_EQ(parse_get_prompt_result(R"({"messages":[{"role":"user"}]})").error().message(),
              "GetPromptResult: `messages[0]`: PromptMessage: `content` is missing");
    EXPECT_FALSE(parse_get_prompt_result(R"({"messages":[{"role":"user","content":{"type":"text"}}]})"));
}

TEST(Completion, request_and_result) {
    CompleteRequest request = CompleteRequest::for_prompt("p", "lang", "py");
    EXPECT_EQ(to_json(request).text(),
              R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"lang","value":"py"}})");
    request = CompleteRequest::for_resource("file:///{a}", "a", "");
    request.context_arguments = {{"b", "2"}};
    EXPECT_EQ(to_json(request).text(), R"({"ref":{"type":"ref/resource","uri":"file:///{a}"},)"
                                       R"("argument":{"name":"a","value":""},"context":{"arguments":{"b":"2"}}})");

    auto result = parse_complete_result(R"({"completion":{"values":["python","pypy"],"total":10,"hasMore":true}})");
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->values, (std::vector<std::string>{"python", "pypy"}));
    EXPECT_EQ(result->total, 10);
    EXPECT_TRUE(result->has_more);
    EXPECT_EQ(parse_complete_result("{}").error().message(), "CompleteResult: `completion` is missing");
    EXPECT_NE(parse_complete_result(R"({"completion":{}})").error().message().find("`values` is missing"),
              std::string::npos);
    EXPECT_FALSE(parse_complete_result(R"({"completion":{"values":[1]}})"));
}
