// The built-in server over HTTP as of 2026-07-28, seen with no code of ours.
#include "integration/support/listening_server.hpp"
#include "support/plain_http.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;
using Headers = PlainHttp::Headers;

/// One request of the modern era, right unless told otherwise.
struct Modern {
    Modern(std::string called, std::string with) : method(std::move(called)), params(std::move(with)) {}

    std::string method;
    std::string params;  // its members, without the braces
    std::string name;    // for Mcp-Name
    std::string version = "2026-07-28";
    std::string capabilities = "{}";
    Headers more;

    [[nodiscard]] std::string body() const {
        return R"({"jsonrpc":"2.0","id":7,"method":")" + method + R"(","params":{)" + params +
               (params.empty() ? "" : ",") + R"("_meta":{"progressToken":1,)" +
               R"("io.modelcontextprotocol/protocolVersion":")" + version +
               R"(","io.modelcontextprotocol/clientCapabilities":)" + capabilities + "}}}";
    }
    [[nodiscard]] Headers headers() const {
        Headers out{{"Accept", "application/json, text/event-stream"},
                    {"Content-Type", "application/json"},
                    {"MCP-Protocol-Version", version},
                    {"Mcp-Method", method}};
        if (!name.empty()) out.emplace_back("Mcp-Name", name);
        out.insert(out.end(), more.begin(), more.end());
        return out;
    }
    void send(PlainHttp& http) const { http.send("POST", "/mcp", headers(), body()); }
    [[nodiscard]] PlainHttp::Answer ask(std::uint16_t port) const {
        PlainHttp http(port);
        send(http);
        return http.read();
    }
};

Modern call(const std::string& tool, const std::string& arguments) {
    Modern out("tools/call", R"("name":")" + tool + R"(","arguments":)" + arguments);
    out.name = tool;
    return out;
}

TEST(BuiltinServerModern, AnswersWithoutASession) {
    ListeningServer server({"--http", "0"});
    const auto answer = call("echo", R"({"text":"hello"})").ask(server.port());
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.headers.contains("mcp-session-id"));
    EXPECT_EQ(answer.body, R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"hello"}],)"
                           R"("resultType":"complete"}})");
}

TEST(BuiltinServerModern, RefusesWhatTheHeadersDoNotRepeat) {
    ListeningServer server({"--http", "0"});
    struct Case {
        const char* what;
        Modern request;
        int status;
        const char* code;
    };
    const auto region = [](Headers more) {
        Modern out = call("region", R"({"region":"eu","count":7})");
        out.more = std::move(more);
        return out;
    };
    Modern other_name = call("echo", R"({"text":"x"})");
    other_name.name = "add";
    Modern no_name = call("echo", R"({"text":"x"})");
    no_name.name = "";
    Modern old("tools/list", "");
    old.version = "2027-01-01";
    const Headers right{{"Mcp-Param-Region", "=?base64?ZXU=?="}, {"Mcp-Param-Count", "7"}};
    const Case cases[] = {
        {"another name", other_name, 400, "-32020"},
        {"no name", no_name, 400, "-32020"},
        {"a version that is not known", old, 400, "-32022"},
        {"a method that is not known", Modern("foo/bar", ""), 404, "-32601"},
        {"a method of the other era", Modern("initialize", ""), 404, "-32601"},
        {"a tool that is not known", call("nothing", "{}"), 200, "-32602"},
        {"no argument header", region({}), 400, "-32020"},
        {"another argument", region({{"Mcp-Param-Region", "us"}, {"Mcp-Param-Count", "7"}}), 400, "-32020"},
        {"broken base64", region({{"Mcp-Param-Region", "=?base64?Z!U=?="}, {"Mcp-Param-Count", "7"}}), 400, "-32020"},
        {"all in order", region(right), 200, "result"},
    };
    for (const Case& each : cases) {
        const auto answer = each.request.ask(server.port());
        EXPECT_EQ(answer.status, each.status) << each.what;
        EXPECT_THAT(answer.body, HasSubstr(each.code)) << each.what;
        EXPECT_THAT(answer.body, HasSubstr(R"("id":7)")) << each.what;
    }
    PlainHttp http(server.port());
    const Modern list("tools/list", "");
    http.send("POST", "/mcp", {{"Accept", "*/*"}, {"Content-Type", "application/json"}}, list.body());
    EXPECT_THAT(http.read().body, HasSubstr("MCP-Protocol-Version is missing"));
}

TEST(BuiltinServerModern, StreamsProgressOnTheRequestsOwnStream) {
    ListeningServer server({"--http", "0"});
    PlainHttp http(server.port());
    call("progress", R"({"steps":1,"ms":1})").send(http);
    EXPECT_EQ(http.read_head().headers.at("content-type"), "text/event-stream");
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr("step 1"));
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr(R"("resultType":"complete")"));
    EXPECT_EQ(http.next_event(), std::nullopt);
    EXPECT_EQ(http.last_id(), "") << "there is nothing to resume";
}

TEST(BuiltinServerModern, AClosedConnectionCancelsItsRequest) {
    ListeningServer server({"--http", "0", "--serial"});  // a call waits for the one before it
    {
        PlainHttp http(server.port());
        call("progress", R"({"steps":1000,"ms":100})").send(http);
        http.read_head();
        ASSERT_TRUE(http.next_event());
    }
    EXPECT_EQ(call("echo", R"({"text":"next"})").ask(server.port()).status, 200);
}

TEST(BuiltinServerModern, TellsWhoListensWhatWasAskedFor) {
    ListeningServer server({"--http", "0"});
    PlainHttp http(server.port());
    Modern("subscriptions/listen", R"("notifications":{"toolsListChanged":true,"resourceSubscriptions":["test://a"]})")
        .send(http);
    http.read_head();
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr("notifications/subscriptions/acknowledged"));
    EXPECT_EQ(call("touch", R"({"uri":"test://b"})").ask(server.port()).status, 200);
    EXPECT_EQ(call("touch", R"({"uri":"test://a"})").ask(server.port()).status, 200);
    const std::string updated = http.next_event().value_or("");
    EXPECT_THAT(updated, HasSubstr("test://a"));
    EXPECT_THAT(updated, HasSubstr(R"("io.modelcontextprotocol/subscriptionId":7)"));
    EXPECT_EQ(call("change_tools", "{}").ask(server.port()).status, 200);
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr("notifications/tools/list_changed"));
}

TEST(BuiltinServerModern, EndsListeningInOrderOrNot) {
    ListeningServer server({"--http", "0"});
    for (const bool broken : {false, true}) {
        PlainHttp http(server.port());
        Modern("subscriptions/listen", R"("notifications":{"toolsListChanged":true})").send(http);
        http.read_head();
        ASSERT_TRUE(http.next_event());
        (void)call("end_listening", broken ? R"({"broken":true})" : "{}").ask(server.port());
        const auto last = http.next_event();
        EXPECT_EQ(last.has_value(), !broken);
        EXPECT_THAT(last.value_or(R"("resultType":"complete")"), HasSubstr(R"("resultType":"complete")"));
    }
    PlainHttp http(server.port());
    Modern("subscriptions/listen", R"("notifications":{"toolsListChanged":true})").send(http);
    http.read_head();
    ASSERT_TRUE(http.next_event());
    server.program().kill(SIGTERM);
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr(R"("resultType":"complete")"));
}

TEST(BuiltinServerModern, AsksByAResultAndTakesTheStateBack) {
    ListeningServer server({"--http", "0"});
    Modern asked = call("ask_rounds", R"({"rounds":2})");
    EXPECT_EQ(asked.ask(server.port()).status, 400) << "the client cannot be asked";
    asked.capabilities = R"({"elicitation":{}})";
    const std::string first = asked.ask(server.port()).body;
    EXPECT_THAT(first, HasSubstr(R"("resultType":"input_required")"));
    EXPECT_THAT(first, HasSubstr(R"("round1")"));
    const std::string before = asked.params;
    asked.params = before + R"(,"inputResponses":{"round1":{"action":"decline"}})";
    const std::string second = asked.ask(server.port()).body;
    EXPECT_THAT(second, HasSubstr(R"("round2")"));
    const std::size_t at = second.find(R"("requestState":")") + 16;
    const std::string state = second.substr(at, second.find('"', at) - at);
    asked.params = before + R"(,"inputResponses":{"round2":{"action":"cancel"}},"requestState":")" + state + "\"";
    const std::string third = asked.ask(server.port()).body;
    EXPECT_THAT(third, HasSubstr("decline"));
    EXPECT_THAT(third, HasSubstr("cancel"));
    asked.params = before + R"(,"requestState":"A)" + state + "\"";
    EXPECT_THAT(asked.ask(server.port()).body, HasSubstr("-32602"));
}

TEST(BuiltinServerModern, ALegacyServerAsksForASession) {
    ListeningServer server({"--http", "0", "--era", "legacy"});
    EXPECT_EQ(Modern("server/discover", "").ask(server.port()).status, 400);
    ListeningServer modern({"--http", "0", "--era", "modern"});
    PlainHttp http(modern.port());
    http.send("POST", "/mcp", {{"Accept", "*/*"}, {"Content-Type", "application/json"}},
              R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})");
    EXPECT_EQ(http.read().status, 400);
    http.send("GET", "/mcp", {{"Accept", "text/event-stream"}});
    EXPECT_EQ(http.read().status, 405);
}

}  // namespace
}  // namespace haive::mcp::testing
