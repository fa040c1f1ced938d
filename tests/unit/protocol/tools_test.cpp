#include "haive/mcp/protocol/tools.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

std::string why(std::string_view raw_result) {
    auto result = parse_call_tool_result(raw_result);
    return result ? "parsed" : result.error().message();
}

}  // namespace

TEST(Tool, reads_every_member) {
    auto tool = parse_tool(
        R"({"name":"n","title":"T","description":"d\u00e9","inputSchema":{"type":"object"},
        "outputSchema":{"type":"object"},"annotations":{"title":"A","readOnlyHint":true,"destructiveHint":false,
        "idempotentHint":true,"openWorldHint":"odd"},"execution":{"taskSupport":"optional"},
        "icons":[{"src":"https://x/i.png","mimeType":"image/png","sizes":["48x48","any"],"theme":"dark"},{"odd":1}],
        "_meta":{"k":[1]},"x-vendor":{"kept":"in raw"}})");
    ASSERT_TRUE(tool) << tool.error().message();
    EXPECT_EQ(tool->name, "n");
    EXPECT_EQ(tool->display_name(), "T");
    EXPECT_EQ(tool->description, "d\xc3\xa9");
    EXPECT_EQ(tool->input_schema.text(), R"({"type":"object"})");
    EXPECT_EQ(tool->output_schema.text(), R"({"type":"object"})");
    EXPECT_EQ(tool->annotations.read_only_hint, true);
    EXPECT_EQ(tool->annotations.destructive_hint, false);
    EXPECT_EQ(tool->annotations.idempotent_hint, true);
    EXPECT_EQ(tool->annotations.open_world_hint, std::nullopt);
    EXPECT_EQ(tool->task_support, TaskSupport::optional);
    ASSERT_EQ(tool->icons.size(), 1U);
    EXPECT_EQ(tool->icons[0].sizes, (std::vector<std::string>{"48x48", "any"}));
    EXPECT_EQ(tool->icons[0].theme, "dark");
    EXPECT_EQ(tool->meta.text(), R"({"k":[1]})");
    EXPECT_NE(tool->raw.text().find(R"("x-vendor":{"kept":"in raw"})"), std::string::npos);
}

// P10: a tool without a description is a tool.
TEST(Tool, P10_description_is_optional) {
    auto tool = parse_tool(R"({"name":"n","inputSchema":{}})");
    ASSERT_TRUE(tool) << tool.error().message();
    EXPECT_EQ(tool->description, "");
    EXPECT_EQ(tool->display_name(), "n");
    EXPECT_TRUE(tool->output_schema.empty());
    EXPECT_TRUE(parse_tool(
        R"({"name":"n","inputSchema":{},"description":null,"title":null,"annotations":null,
        "icons":null,"execution":null,"outputSchema":null,"_meta":null})"));
}

TEST(Tool, schemas_survive_byte_for_byte) {
    const std::string schema =
        R"({ "$schema" : "https://json-schema.org/draft/2020-12/schema","$anchor":"root", "$defs":{"n":{"minimum":)"
        R"(123456789012345678901234567890, "multipleOf":1.0e-02}},"type":"object","allOf":[{"$ref":"#\/$defs/n"}],)"
        R"("if":{},"then":{},"else":false,"x":"\u00e9\ud83d\ude00" ,"a":1,"a":2 })";
    auto tool = parse_tool(R"({"inputSchema":)" + schema + R"(  ,"name":"n","outputSchema": )" + schema + "}");
    ASSERT_TRUE(tool) << tool.error().message();
    EXPECT_EQ(tool->input_schema.text(), schema);
    EXPECT_EQ(tool->output_schema.text(), schema);
    EXPECT_TRUE(tool->input_schema.value());
}

TEST(ListTools, one_malformed_tool_does_not_take_the_others_away) {
    auto list = parse_list_tools_result(
        R"({"tools":[{"name":"a","inputSchema":{}},{"name":"b"},{"inputSchema":{}},
        7,
        {"name":5,"inputSchema":{}},{"name":"c","inputSchema":{}}],
        "nextCursor":"","ttlMs":1500,"cacheScope":"public"})");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_EQ(list->tools.size(), 2U);
    EXPECT_EQ(list->tools[1].name, "c");
    ASSERT_EQ(list->skipped.size(), 4U);
    EXPECT_EQ(list->skipped[0].index, 1U);
    EXPECT_EQ(list->skipped[0].name, "b");
    EXPECT_EQ(list->skipped[0].reason, "Tool: `inputSchema` is missing");
    EXPECT_EQ(list->skipped[1].reason, "Tool: `name` is missing");
    EXPECT_EQ(list->skipped[2].reason, "Tool: not an object, at byte 0");
    EXPECT_EQ(list->skipped[3].reason, "Tool: `name` is not a string");
    EXPECT_EQ(list->next_cursor, "");
    EXPECT_EQ(list->cache.ttl, Duration(std::chrono::milliseconds(1500)));
    EXPECT_EQ(list->cache.scope, CacheScope::public_scope);
}

TEST(ListTools, the_list_itself_is_required) {
    EXPECT_EQ(parse_list_tools_result("{}").error().message(), "ListToolsResult: `tools` is missing");
    EXPECT_EQ(parse_list_tools_result(R"({"tools":{}})").error().message(), "ListToolsResult: `tools` is not an array");
    EXPECT_EQ(parse_list_tools_result("[]").error().kind(), ErrorKind::protocol_violation);
    EXPECT_EQ(parse_list_tools_result("[]").error().disposition(), Disposition::executed);
    EXPECT_FALSE(parse_list_tools_result(R"({"tools":[],"nextCursor":5})"));
    EXPECT_EQ(parse_list_tools_result(R"({"tools":[],"nextCursor":null})")->next_cursor, std::nullopt);
}

TEST(ListTools, cache_hints_are_private_and_stale_unless_said_otherwise) {
    const auto hints = [](const char* more) {
        return parse_list_tools_result(std::string(R"({"tools":[])") + more + "}")->cache;
    };
    EXPECT_EQ(hints("").ttl, std::nullopt);
    EXPECT_EQ(hints("").scope, CacheScope::private_scope);
    EXPECT_EQ(hints(R"(,"ttlMs":-5,"cacheScope":"odd")").ttl, Duration::zero());
    EXPECT_EQ(hints(R"(,"cacheScope":"odd")").scope, CacheScope::private_scope);
    EXPECT_EQ(hints(R"(,"ttlMs":1e300)").ttl, Duration::max());
    EXPECT_EQ(hints(R"(,"ttlMs":"5")").ttl, std::nullopt);
}

TEST(CallToolResult, every_kind_of_block) {
    auto result = parse_call_tool_result(R"({"content":[
        {"type":"text","text":"one","annotations":{"priority":0.5}},
        {"data":"aGk=","mimeType":"image/png","type":"image"},
        {"type":"audio","data":"","mimeType":"audio/wav"},
        {"type":"resource_link","uri":"file:///a","name":"a","size":12,"mimeType":"text/plain"},
        {"type":"resource","resource":{"uri":"x://y","text":"inner"},"_meta":{"m":1}},
        {"type":"hologram","depth":3},
        {"type":"text","text":"two"}],"_meta":{"t":1}})");
    ASSERT_TRUE(result) << result.error().message();
    const auto& c = result->content;
    ASSERT_EQ(c.size(), 7U);
    EXPECT_EQ(c[0].annotations.text(), R"({"priority":0.5})");
    EXPECT_TRUE(c[0].raw.empty());
    EXPECT_EQ(c[1].data, "aGk=");
    EXPECT_EQ(c[1].mime_type, "image/png");
    EXPECT_EQ(c[3].resource_link->uri, "file:///a");
    EXPECT_EQ(c[3].resource_link->size, 12);
    EXPECT_EQ(c[4].resource->text, "inner");
    EXPECT_EQ(c[4].meta.text(), R"({"m":1})");
    EXPECT_EQ(c[5].type, "hologram");
    EXPECT_EQ(c[5].raw.text(), R"({"type":"hologram","depth":3})");
    EXPECT_EQ(result->text(), "one\ntwo");
    EXPECT_FALSE(result->is_error);
    EXPECT_EQ(result->meta.text(), R"({"t":1})");
}

// P10: isError is told apart from success, and it is a value, not an Error.
TEST(CallToolResult, P10_is_error_is_a_result) {
    auto result = parse_call_tool_result(R"({"content":[{"type":"text","text":"no such file"}],"isError":true})");
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->is_error);
    EXPECT_EQ(result->text(), "no such file");
    EXPECT_FALSE(parse_call_tool_result(R"({"content":[],"isError":null})")->is_error);
    EXPECT_EQ(why(R"({"content":[],"isError":"true"})"), "CallToolResult: `isError` is not a boolean");
}

TEST(CallToolResult, structured_content_is_any_value_as_sent) {
    for (const char* value : {"null", "0", "false", R"({ "big":123456789012345678901234567890 })", "[1, 2]"}) {
        auto result = parse_call_tool_result(std::string(R"({"structuredContent": )") + value + "}");
        ASSERT_TRUE(result) << value;
        ASSERT_TRUE(result->structured_content) << value;
        EXPECT_EQ(result->structured_content->text(), value);
    }
    EXPECT_FALSE(parse_call_tool_result(R"({"content":[]})")->structured_content);
}

TEST(CallToolResult, errors_name_the_field) {
    EXPECT_EQ(why("{}"), "CallToolResult: `content` is missing");
    EXPECT_EQ(why(R"({"content":"x"})"), "CallToolResult: `content` is not an array");
    EXPECT_EQ(why(R"({"content":[{"type":"text","text":"a"},{"text":"b"}]})"),
              "CallToolResult: `content[1]`: ContentBlock: `type` is missing");
    EXPECT_EQ(why(R"({"content":[{"type":"text"}]})"),
              "CallToolResult: `content[0]`: ContentBlock: a text block without a string `text`");
    EXPECT_NE(why(R"({"content":[{"type":"image","mimeType":"x"}]})").find("`data`"), std::string::npos);
    EXPECT_NE(why(R"({"content":[{"type":"resource"}]})").find("`resource`"), std::string::npos);
    EXPECT_NE(why(R"({"content":[{"type":"resource","resource":{"uri":"u"}}]})").find("`text` or `blob` is missing"),
              std::string::npos);
    EXPECT_NE(why(R"({"content":[})").find("at byte"), std::string::npos);
    EXPECT_NE(why("").find("not an object"), std::string::npos);
}

TEST(CallToolResult, only_complete_results_are_taken) {
    EXPECT_EQ(why(R"({"resultType":"complete","content":[]})"), "parsed");
    EXPECT_EQ(why(R"({"resultType":"input_required","inputRequests":{}})"),
              "CallToolResult: `resultType` is \"input_required\", which this call cannot take further");
    EXPECT_NE(why(R"({"content":[],"resultType":7})").find("`resultType` is not a string"), std::string::npos);
}

TEST(CallToolResult, raw_is_the_answer_byte_for_byte) {
    const std::string raw = R"( {"content" : [ ] , "future":{"x":1.0e+0}} )";
    EXPECT_EQ(parse_call_tool_result(raw)->raw.text(), raw);
}

TEST(ContentBlock, blocks_written_are_read_back) {
    const auto again = [](const ContentBlock& block) { return parse_content_block(to_json(block).text()).value(); };
    EXPECT_EQ(again(ContentBlock::of_text("a\"\n")).text, "a\"\n");
    const ContentBlock image = again(ContentBlock::of_media("image", "aGk=", "image/png"));
    EXPECT_EQ(image.data, "aGk=");
    EXPECT_EQ(image.mime_type, "image/png");
    for (const char* raw : {R"({"type":"tool_use","id":"1","name":"n","input":{}})",
                            R"({"type":"resource","resource":{"uri":"u","mimeType":"m","blob":"aGk="}})",
                            R"({"type":"resource_link","uri":"u","name":"n","size":5})"}) {
        EXPECT_EQ(to_json(parse_content_block(raw).value()).text(), raw);
    }
}
