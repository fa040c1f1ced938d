#include "haive/mcp/protocol/calls.hpp"

#include "unit/protocol/scripted_caller.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace haive::mcp;
using haive::mcp::testing::run;
using haive::mcp::testing::ScriptedCaller;
using std::chrono_literals::operator""s;

namespace {

std::string page(std::initializer_list<const char*> names, const char* more = "") {
    std::string out = R"({"tools":[)";
    for (const char* name : names) {
        if (out.back() == '}') out += ',';
        out += R"({"name":")" + std::string(name) + R"(","inputSchema":{}})";
    }
    return out + "]" + more + "}";
}

std::vector<std::string> names_of(const ListToolsResult& list) {
    std::vector<std::string> out;
    for (const Tool& tool : list.tools) out.push_back(tool.name);
    return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST(Calls, call_tool_says_name_and_arguments) {
    ScriptedCaller caller;
    caller.answer(R"({"content":[{"type":"text","text":"hi"}]})");
    CallOptions options;
    options.idempotent = true;
    auto result = run(call_tool(caller, "ec\"ho", json::object{{"text", "h\ni"}, {"n", 0.1}}, options));
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->text(), "hi");
    const Request& asked = caller.asked.at(0);
    EXPECT_EQ(asked.method, "tools/call");
    EXPECT_EQ(asked.name, "ec\"ho");
    EXPECT_TRUE(asked.options.idempotent);
    EXPECT_EQ(asked.params, R"({"name":"ec\"ho","arguments":{"text":"h\ni","n":1E-1}})");
    EXPECT_FALSE(asked.hinted_repeatable);
}

TEST(Calls, call_tool_sends_raw_arguments_as_they_are_spelt) {
    ScriptedCaller caller;
    caller.answer(R"({"content":[]})").answer(R"({"content":[]})");
    EXPECT_TRUE(run(call_tool(caller, "t", RawJson("\n{ \"a\" : 1.0e+00,\r\n\"b\":\"\xff\" } "), CallOptions())));
    EXPECT_EQ(caller.asked[0].params, "{\"name\":\"t\",\"arguments\":{ \"a\" : 1.0e+00,  \"b\":\"\xef\xbf\xbd\" }}");
    EXPECT_TRUE(run(call_tool(caller, "t", RawJson(), CallOptions())));
    EXPECT_EQ(caller.asked[1].params, R"({"name":"t","arguments":{}})");
}

TEST(Calls, arguments_that_are_no_json_object_are_never_sent) {
    ScriptedCaller caller;
    for (const char* bad : {"[]", "7", "{", R"({"a":1}{})", "{\"a\":\"\n\"}", R"({"a":1},"x":{})"}) {
        auto result = run(call_tool(caller, "t", RawJson(bad), CallOptions()));
        ASSERT_FALSE(result) << bad;
        EXPECT_EQ(result.error().kind(), ErrorKind::encode_error) << bad;
        EXPECT_EQ(result.error().disposition(), Disposition::not_sent);
        EXPECT_EQ(result.error().details().operation, "tools/call t");
    }
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
        auto result = run(call_tool(caller, "t", json::object{{"n", bad}}, CallOptions()));
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind(), ErrorKind::encode_error);
    }
    EXPECT_TRUE(caller.asked.empty());
}

TEST(Calls, arguments_with_bytes_that_are_not_utf8_are_mended) {
    ScriptedCaller caller;
    caller.answer(R"({"content":[]})");
    EXPECT_TRUE(run(call_tool(caller, "t", json::object{{"a", "x\xff"}}, CallOptions())));
    EXPECT_EQ(caller.asked[0].params, "{\"name\":\"t\",\"arguments\":{\"a\":\"x\xef\xbf\xbd\"}}");
}

TEST(Calls, long_arguments_are_written_whole) {
    ScriptedCaller caller;
    caller.answer(R"({"content":[]})");
    const std::string text(5000, 'x');
    EXPECT_TRUE(run(call_tool(caller, "t", json::object{{"a", text}}, CallOptions())));
    EXPECT_EQ(caller.asked[0].params, R"({"name":"t","arguments":{"a":")" + text + "\"}}");
}

TEST(Calls, an_error_of_the_peer_comes_through_untouched) {
    ScriptedCaller caller;
    caller.refuse(-32602, "Unknown tool: t", R"({"x":1})");
    auto result = run(call_tool(caller, "t", json::object(), CallOptions()));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::rpc_error);
    EXPECT_EQ(result.error().details().rpc_code, -32602);
    EXPECT_EQ(result.error().details().peer_text, "Unknown tool: t");
    EXPECT_EQ(result.error().details().rpc_data, R"({"x":1})");
}

// P10: `isError` is neither success nor an exception.
TEST(Calls, P10_is_error_is_a_value_that_says_so) {
    ScriptedCaller caller;
    caller.answer(R"({"content":[{"type":"text","text":"disk full"}],"isError":true})");
    auto result = run(call_tool(caller, "t", json::object(), CallOptions()));
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->is_error);
}

TEST(Calls, an_unusable_answer_says_what_was_asked) {
    ScriptedCaller caller;
    caller.answer(R"({"content":5})", Duration(2s));
    auto result = run(call_tool(caller, "echo", json::object(), CallOptions()));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::protocol_violation);
    EXPECT_EQ(result.error().disposition(), Disposition::executed);
    EXPECT_EQ(result.error().details().operation, "tools/call echo");
    EXPECT_EQ(result.error().message(), "CallToolResult: `content` is not an array");
    EXPECT_EQ(result.error().details().elapsed, Duration(2s));
}

// P10: `nextCursor` is followed, and the empty string is a cursor like any other.
TEST(Pagination, P10_every_page_is_read) {
    ScriptedCaller caller;
    caller.answer(page({"a", "b"}, R"(,"nextCursor":"p2","ttlMs":9000,"cacheScope":"public")"))
        .answer(page({"c"}, R"(,"nextCursor":"","ttlMs":500,"cacheScope":"public")"))
        .answer(page({"d"}, R"(,"ttlMs":7000,"cacheScope":"private")"));
    auto list = run(list_tools(caller, CallOptions()));
    ASSERT_TRUE(list) << list.error().message();
    EXPECT_EQ(names_of(*list), (Names{"a", "b", "c", "d"}));
    EXPECT_EQ(list->next_cursor, std::nullopt);
    EXPECT_EQ(list->cache.ttl, Duration(std::chrono::milliseconds(500)));
    EXPECT_EQ(list->cache.scope, CacheScope::private_scope);
    ASSERT_EQ(caller.asked.size(), 3U);
    EXPECT_EQ(caller.asked[0].params, "");
    EXPECT_EQ(caller.asked[1].params, R"({"cursor":"p2"})");
    EXPECT_EQ(caller.asked[2].params, R"({"cursor":""})");
}

// P10: a tool without a description does not lose the list.
TEST(Pagination, P10_odd_tools_are_reported_with_their_place_in_the_whole_list) {
    ScriptedCaller caller;
    caller.answer(R"({"tools":[{"name":"a","inputSchema":{}},{"name":"x"}],"nextCursor":"2"})")
        .answer(R"({"tools":[{"name":"b","inputSchema":{}},{"name":"y"}]})");
    auto list = run(list_tools(caller, CallOptions()));
    ASSERT_TRUE(list);
    EXPECT_EQ(names_of(*list), (Names{"a", "b"}));
    ASSERT_EQ(list->skipped.size(), 2U);
    EXPECT_EQ(list->skipped[0].index, 1U);
    EXPECT_EQ(list->skipped[1].index, 3U);
}

TEST(Pagination, a_repeated_page_ends_the_list_and_is_not_kept) {
    ScriptedCaller caller;  // ignores cursors, and always claims that there is more
    int n = 0;
    caller.otherwise = [&](const Request&) {
        const std::string cursor = R"(,"nextCursor":")" + std::to_string(++n) + "\"";
        return page({"a", "b"}, cursor.c_str());
    };
    auto list = run(list_tools(caller, CallOptions()));
    ASSERT_TRUE(list);
    EXPECT_EQ(names_of(*list), (Names{"a", "b"}));
    EXPECT_EQ(list->next_cursor, std::nullopt);
    EXPECT_EQ(caller.asked.size(), 2U);
}

TEST(Pagination, a_repeated_cursor_ends_the_list) {
    ScriptedCaller caller;
    caller.answer(page({"a"}, R"(,"nextCursor":"x")"))
        .answer(page({"b"}, R"(,"nextCursor":"y")"))
        .answer(page({"c"}, R"(,"nextCursor":"x")"));
    auto list = run(list_tools(caller, CallOptions()));
    ASSERT_TRUE(list);
    EXPECT_EQ(names_of(*list), (Names{"a", "b", "c"}));
    EXPECT_EQ(list->next_cursor, std::nullopt);
}

TEST(Pagination, empty_pages_are_no_repetition) {
    ScriptedCaller caller;
    caller.answer(page({}, R"(,"nextCursor":"1")")).answer(page({}, R"(,"nextCursor":"2")")).answer(page({"a"}));
    EXPECT_EQ(names_of(*run(list_tools(caller, CallOptions()))), Names{"a"});
}

TEST(Pagination, a_server_that_sends_an_empty_cursor_for_the_end_is_understood) {
    ScriptedCaller refuses;
    refuses.answer(page({"a"}, R"(,"nextCursor":"")")).refuse(-32602, "Invalid cursor");
    auto list = run(list_tools(refuses, CallOptions()));
    ASSERT_TRUE(list) << list.error().message();
    EXPECT_EQ(names_of(*list), Names{"a"});
    EXPECT_EQ(list->next_cursor, std::nullopt);

    ScriptedCaller restarts;
    restarts.otherwise = [](const Request&) { return page({"a"}, R"(,"nextCursor":"")"); };
    EXPECT_EQ(names_of(*run(list_tools(restarts, CallOptions()))), Names{"a"});
    EXPECT_EQ(restarts.asked.size(), 2U);
}

TEST(Pagination, an_endless_list_is_cut_and_says_so) {
    ScriptedCaller caller;
    int n = 0;
    caller.otherwise = [&](const Request&) {
        const std::string name = "t" + std::to_string(++n);
        const std::string cursor = R"(,"nextCursor":")" + std::to_string(n) + "\"";
        return page({name.c_str()}, cursor.c_str());
    };
    auto list = run(list_tools(caller, CallOptions()));
    ASSERT_TRUE(list);
    EXPECT_EQ(list->tools.size(), 64U);
    EXPECT_EQ(list->next_cursor, "64");
    EXPECT_EQ(caller.asked.size(), 64U);
}

TEST(Pagination, an_error_on_a_later_page_is_the_calls_error) {
    ScriptedCaller caller;
    caller.answer(page({"a"}, R"(,"nextCursor":"x")")).refuse(-32602, "Invalid cursor");
    auto list = run(list_tools(caller, CallOptions()));
    ASSERT_FALSE(list);
    EXPECT_EQ(list.error().details().rpc_code, -32602);
}

TEST(Pagination, pages_share_the_total_time) {
    ScriptedCaller caller;
    caller.answer(page({"a"}, R"(,"nextCursor":"1")"), Duration(3s))
        .answer(page({"b"}, R"(,"nextCursor":"2")"), Duration(9s))
        .answer(page({"c"}));
    CallOptions options;
    options.max_total_timeout = Seconds(10);
    EXPECT_TRUE(run(list_tools(caller, options)));
    EXPECT_EQ(caller.asked[0].options.max_total_timeout, Seconds(10));
    EXPECT_EQ(caller.asked[1].options.max_total_timeout, Seconds(7));
    EXPECT_EQ(caller.asked[2].options.max_total_timeout, Seconds(0));
}

TEST(Pagination, one_page_is_one_request) {
    ScriptedCaller caller;
    caller.answer(page({"a"}, R"(,"nextCursor":"")"));
    auto list = run(list_tools_page(caller, "", CallOptions()));
    ASSERT_TRUE(list);
    EXPECT_EQ(list->next_cursor, "");
    EXPECT_EQ(caller.asked[0].params, R"({"cursor":""})");
}

TEST(Calls, the_other_lists) {
    ScriptedCaller caller;
    caller.answer(R"({"resources":[{"uri":"u","name":"n"}],"nextCursor":"2"})")
        .answer(R"({"resources":[{"uri":"v","name":"m"}]})")
        .answer(R"({"resourceTemplates":[{"uriTemplate":"u","name":"n"}]})")
        .answer(R"({"prompts":[{"name":"p"}]})");
    EXPECT_EQ(run(list_resources(caller, CallOptions()))->resources.size(), 2U);
    EXPECT_EQ(run(list_resource_templates(caller, CallOptions()))->resource_templates.size(), 1U);
    EXPECT_EQ(run(list_prompts(caller, CallOptions()))->prompts.size(), 1U);
    EXPECT_EQ(caller.asked[2].method, "resources/templates/list");
    EXPECT_EQ(caller.asked[3].method, "prompts/list");
}

TEST(Calls, resources_are_named_by_their_uri) {
    ScriptedCaller caller;
    caller.answer(R"({"contents":[{"uri":"file:///a","text":"x"}]})").answer("{}").answer("{}");
    EXPECT_EQ(run(read_resource(caller, "file:///a", CallOptions()))->text(), "x");
    EXPECT_TRUE(run(subscribe_resource(caller, "file:///a", CallOptions())));
    EXPECT_TRUE(run(unsubscribe_resource(caller, "file:///a", CallOptions())));
    for (const Request& asked : caller.asked) {
        EXPECT_EQ(asked.name, "file:///a");
        EXPECT_EQ(asked.params, R"({"uri":"file:///a"})");
    }
    EXPECT_EQ(caller.asked[0].method, "resources/read");
    EXPECT_EQ(caller.asked[1].method, "resources/subscribe");
    EXPECT_EQ(caller.asked[2].method, "resources/unsubscribe");
}

TEST(Calls, prompt_arguments_are_strings) {
    ScriptedCaller caller;
    caller.answer(R"({"messages":[]})").answer(R"({"messages":[]})");
    EXPECT_TRUE(run(
        get_prompt(caller, "p", json::object{{"a", "x"}, {"n", 5}, {"o", json::array{1, nullptr}}}, CallOptions())));
    EXPECT_EQ(caller.asked[0].params, R"({"name":"p","arguments":{"a":"x","n":"5","o":"[1,null]"}})");
    EXPECT_EQ(caller.asked[0].name, "p");
    EXPECT_TRUE(run(get_prompt(caller, "p", json::object(), CallOptions())));
    EXPECT_EQ(caller.asked[1].params, R"({"name":"p"})");
}

TEST(Calls, complete_set_log_level_and_ping) {
    ScriptedCaller caller;
    caller.answer(R"({"completion":{"values":["v"]}})").answer("{}").answer("{}", Duration(5000));
    EXPECT_EQ(run(complete(caller, CompleteRequest::for_prompt("p", "a", ""), CallOptions()))->values, Names{"v"});
    EXPECT_TRUE(run(set_log_level(caller, LogLevel::warning, CallOptions())));
    EXPECT_EQ(*run(ping(caller, CallOptions())), Duration(5000));
    EXPECT_EQ(caller.asked[0].name, "p");
    EXPECT_EQ(caller.asked[1].params, R"({"level":"warning"})");
    EXPECT_EQ(caller.asked[2].method, "ping");
    EXPECT_EQ(caller.asked[2].params, "");
}

TEST(Calls, raw_requests_keep_their_spelling_and_give_meta_away) {
    ScriptedCaller caller;
    caller.otherwise = [](const Request&) { return std::string("[1]"); };
    auto reply = run(raw_request(caller, "acme/do", RawJson(R"({ "a" : 1.0 })"), CallOptions()));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->result.text(), "[1]");
    EXPECT_EQ(caller.asked[0].params, R"({ "a" : 1.0 })");

    CallOptions options;
    options.meta["traceparent"] = "mine";
    const RawJson params(R"({"_meta":{"traceparent":"theirs","k":1},"name":"echo","arguments":{ }})");
    EXPECT_TRUE(run(raw_request(caller, "tools/call", params, options)));
    EXPECT_EQ(caller.asked[1].params, R"({"name":"echo","arguments":{ }})");
    EXPECT_EQ(caller.asked[1].name, "echo");
    EXPECT_EQ(caller.asked[1].options.meta.at("traceparent").as_string(), "mine");
    EXPECT_EQ(caller.asked[1].options.meta.at("k").as_int64(), 1);

    EXPECT_TRUE(run(raw_request(caller, "resources/read", RawJson(R"({"uri":"u:1"})"), CallOptions())));
    EXPECT_EQ(caller.asked[2].name, "u:1");
    EXPECT_TRUE(run(raw_request(caller, "ping", RawJson(), CallOptions())));
    EXPECT_EQ(caller.asked[3].params, "");
    EXPECT_EQ(run(raw_request(caller, "x", RawJson("[]"), CallOptions())).error().kind(), ErrorKind::encode_error);
    EXPECT_EQ(caller.asked.size(), 4U);
}
