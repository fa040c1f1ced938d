// The built-in server over HTTP as the legacy revisions have it, seen with no code of ours.
#include "integration/support/listening_server.hpp"
#include "support/plain_http.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;
using Headers = PlainHttp::Headers;

const Headers usual{{"Accept", "application/json, text/event-stream"}, {"Content-Type", "application/json"}};

Headers with(Headers headers, const Headers& more) {
    headers.insert(headers.end(), more.begin(), more.end());
    return headers;
}

std::string call(const std::string& tool, const std::string& arguments, const std::string& meta = "{}") {
    return R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":")" + tool + R"(","arguments":)" +
           arguments + R"(,"_meta":)" + meta + "}}";
}

/// One session.
class Session {
public:
    explicit Session(std::uint16_t port, const std::string& version = "2025-11-25") : port_(port) {
        PlainHttp http(port);
        http.send("POST", "/mcp", usual,
                  R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":")" + version +
                      R"(","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}})");
        const auto answer = http.read();
        id = answer.headers.contains("mcp-session-id") ? answer.headers.at("mcp-session-id") : "";
        headers = with(usual, {{"Mcp-Session-Id", id}, {"MCP-Protocol-Version", version}});
        EXPECT_EQ(answer.status, 200);
        EXPECT_THAT(answer.body, HasSubstr(R"("protocolVersion":")" + version));
    }
    PlainHttp::Answer post(const std::string& body) const {
        PlainHttp http(port_);
        http.send("POST", "/mcp", headers, body);
        return http.read();
    }
    /// The answer to a GET on `http`, whose events follow.
    PlainHttp::Answer get(PlainHttp& http, const Headers& more = {}) const {
        http.send("GET", "/mcp", with({{"Accept", "text/event-stream"}, {"Mcp-Session-Id", id}}, more));
        return http.read_head();
    }

    std::string id;
    Headers headers;

private:
    std::uint16_t port_;
};

TEST(BuiltinServerOverHttp, GivesASessionAndAnswersInIt) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    EXPECT_EQ(session.id.size(), 32U);
    const auto answer = session.post(call("echo", R"({"text":"hello"})"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    EXPECT_EQ(answer.body, R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"hello"}]}})");
    const auto noted = session.post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    EXPECT_EQ(noted.status, 202);
    EXPECT_EQ(noted.body, "");
}

TEST(BuiltinServerOverHttp, KeepsConnectionsAndAnswersInTheirOrder) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    PlainHttp http(server.port());
    http.send("POST", "/mcp", session.headers, call("sleep", R"({"ms":30})"));
    http.send("POST", "/mcp", session.headers, call("echo", R"({"text":"second"})"));
    EXPECT_THAT(http.read().body, HasSubstr("slept"));
    EXPECT_THAT(http.read().body, HasSubstr("second"));
}

TEST(BuiltinServerOverHttp, RefusesWhatHasNoSessionOrAForgottenOne) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    const std::string ping = R"({"jsonrpc":"2.0","id":9,"method":"ping"})";
    PlainHttp http(server.port());
    http.send("POST", "/mcp", usual, ping);
    EXPECT_EQ(http.read().status, 400);
    http.send("POST", "/mcp", with(usual, {{"Mcp-Session-Id", "none"}}), ping);
    EXPECT_EQ(http.read().status, 404);
    EXPECT_EQ(session.post(ping).status, 200);
    http.send("DELETE", "/mcp", {{"Mcp-Session-Id", session.id}});
    EXPECT_EQ(http.read().status, 200);
    const auto after = session.post(ping);
    EXPECT_EQ(after.status, 404);
    EXPECT_EQ(after.body, R"({"jsonrpc":"2.0","id":9,"error":{"code":-32001,"message":"Session not found"}})");
}

TEST(BuiltinServerOverHttp, RefusesWhatTheHeadersDoNotAllow) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    const std::string ping = R"({"jsonrpc":"2.0","id":9,"method":"ping"})";
    struct Case {
        const char* method;
        Headers headers;
        std::string body;
        int status;
    };
    const Headers in_session{{"Mcp-Session-Id", session.id}};
    const Case cases[] = {
        {"PUT", session.headers, ping, 405},
        {"POST", with(in_session, {{"Accept", "application/json"}, {"Content-Type", "application/json"}}), ping, 406},
        {"POST", with(in_session, {{"Accept", "*/*"}, {"Content-Type", "text/plain"}}), ping, 415},
        {"POST", with(in_session, {{"Accept", "*/*"}, {"Content-Type", "application/json; charset=utf-8"}}), ping, 200},
        {"GET", with(in_session, {{"Accept", "application/json"}}), "", 406},
        {"POST", with(session.headers, {{"Host", "evil.example"}}), ping, 403},
        {"POST", with(session.headers, {{"Host", "127.0.0.1.evil.example"}}), ping, 403},
        {"POST", with(session.headers, {{"Origin", "http://evil.example"}}), ping, 403},
        {"POST", with(session.headers, {{"Origin", "null"}}), ping, 403},
        {"POST", with(session.headers, {{"Origin", "http://localhost:3000"}}), ping, 200},
        {"POST", with(with(usual, in_session), {{"MCP-Protocol-Version", "1999-01-01"}}), ping, 400},
        {"POST", session.headers, "[" + ping + "]", 400},
        {"POST", session.headers, "{", 400},
    };
    for (const Case& each : cases) {
        PlainHttp http(server.port());
        http.send(each.method, "/mcp", each.headers, each.body);
        EXPECT_EQ(http.read().status, each.status) << each.method << " " << each.body;
    }
}

TEST(BuiltinServerOverHttp, StreamsWhatACallSaysBeforeItsAnswer) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    PlainHttp http(server.port());
    http.send("POST", "/mcp", session.headers, call("progress", R"({"steps":2,"ms":1})", R"({"progressToken":"p"})"));
    EXPECT_EQ(http.read_head().headers.at("content-type"), "text/event-stream");
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr("step 1"));
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr("step 2"));
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr(R"("id":7,"result")"));
    EXPECT_EQ(http.next_event(), std::nullopt);
}

TEST(BuiltinServerOverHttp, AsksTheClientOnTheStreamOfTheCall) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    PlainHttp http(server.port());
    http.send("POST", "/mcp", session.headers, call("ask", R"({"what":"elicitation"})"));
    http.read_head();
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr(R"("id":"server-1","method":"elicitation/create")"));
    EXPECT_EQ(session.post(R"({"jsonrpc":"2.0","id":"server-1","result":{"action":"decline"}})").status, 202);
    EXPECT_THAT(http.next_event().value_or(""), HasSubstr("decline"));
}

TEST(BuiltinServerOverHttp, TellsOfChangesOnTheGeneralStream) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    PlainHttp general(server.port());
    EXPECT_EQ(session.get(general).status, 200);
    session.post(R"({"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"test://text"}})");
    session.post(call("touch", R"({"uri":"test://text"})"));
    EXPECT_THAT(general.next_event().value_or(""), HasSubstr("notifications/resources/updated"));
    session.post(call("change_tools", "{}"));
    EXPECT_THAT(general.next_event().value_or(""), HasSubstr("notifications/tools/list_changed"));
}

TEST(BuiltinServerOverHttp, ABrokenGeneralStreamGoesOnWhereItWasResumed) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    PlainHttp general(server.port());
    session.get(general);
    EXPECT_EQ(session.post(call("end_listening", R"({"broken":true})")).status, 200);
    EXPECT_EQ(general.next_event(), std::nullopt);
    session.post(call("change_tools", "{}"));
    PlainHttp again(server.port());
    session.get(again, {{"Last-Event-ID", general.last_id()}});
    EXPECT_THAT(again.next_event().value_or(""), HasSubstr("notifications/tools/list_changed"));
}

TEST(BuiltinServerOverHttp, GivesTheRestOfABrokenStreamToWhoResumesIt) {
    ListeningServer server({"--http", "0", "--sse-drop-after-id", "--sse-retry", "50"});
    const Session session(server.port());
    PlainHttp http(server.port());
    http.send("POST", "/mcp", session.headers, call("echo", R"({"text":"late"})"));
    http.read_head();
    EXPECT_EQ(http.next_event(), std::nullopt);
    ASSERT_NE(http.last_id(), "");
    PlainHttp again(server.port());
    EXPECT_EQ(session.get(again, {{"Last-Event-ID", http.last_id()}}).status, 200);
    EXPECT_THAT(again.next_event().value_or(""), HasSubstr("late"));
    EXPECT_EQ(again.next_event(), std::nullopt);
    PlainHttp unknown(server.port());
    EXPECT_EQ(session.get(unknown, {{"Last-Event-ID", "77-1"}}).status, 400);
}

TEST(BuiltinServerOverHttp, ALostConnectionDoesNotCancelTheCall) {
    ListeningServer server({"--http", "0"});
    const Session session(server.port());
    std::string id;
    {
        PlainHttp http(server.port());
        http.send("POST", "/mcp", session.headers,
                  call("progress", R"({"steps":3,"ms":20})", R"({"progressToken":"p"})"));
        http.read_head();
        ASSERT_TRUE(http.next_event());
        id = http.last_id();
    }
    PlainHttp lost_at_once(server.port());
    session.get(lost_at_once, {{"Last-Event-ID", id}});
    EXPECT_THAT(lost_at_once.read_until("data: \n"), HasSubstr("id: " + id + "\n")) << "where it goes on";
    PlainHttp again(server.port());
    session.get(again, {{"Last-Event-ID", id}});
    EXPECT_THAT(again.next_event().value_or(""), HasSubstr("step 2"));
    EXPECT_THAT(again.next_event().value_or(""), HasSubstr("step 3"));
    EXPECT_THAT(again.next_event().value_or(""), HasSubstr(R"("id":7,"result")"));
    EXPECT_EQ(again.next_event(), std::nullopt);
}

TEST(BuiltinServerOverHttp, SpeaksTheOldPairOfEndpoints) {
    ListeningServer server({"--sse", "0"});
    PlainHttp stream(server.port());
    stream.send("GET", "/sse", {{"Accept", "text/event-stream"}});
    EXPECT_EQ(stream.read_head().status, 200);
    const std::string endpoint = stream.next_event().value_or("");
    ASSERT_THAT(endpoint, HasSubstr("/message?sessionId="));
    const std::string ping = R"({"jsonrpc":"2.0","id":9,"method":"ping"})";
    PlainHttp post(server.port());
    post.send("POST", endpoint, usual, ping);
    EXPECT_EQ(post.read().status, 202);
    EXPECT_EQ(stream.next_event(), R"({"jsonrpc":"2.0","id":9,"result":{}})");
    post.send("POST", "/message?sessionId=none", usual, ping);
    EXPECT_EQ(post.read().status, 404);
}

TEST(BuiltinServerOverHttp, RefusesBytesThatAreNoHttp) {
    ListeningServer server({"--http", "0"});
    for (const char* bytes : {"hello\r\n\r\n", "POST /mcp HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                              "POST /mcp HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                              "POST /mcp HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        PlainHttp http(server.port());
        http.send_raw(bytes);
        EXPECT_EQ(http.read_head().status, 400) << bytes;
        EXPECT_EQ(http.read_until("never"), "") << bytes;
    }
    PlainHttp http(server.port());
    http.send_raw("GET /mcp HTTP/1.1\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n");
    EXPECT_EQ(http.read_head().status, 431);
}

}  // namespace
}  // namespace haive::mcp::testing
