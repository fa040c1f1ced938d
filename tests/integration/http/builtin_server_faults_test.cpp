// What the built-in server does wrong over HTTP when it is told to, and how it ends.
#include "integration/support/listening_server.hpp"
#include "integration/support/temp_folder.hpp"
#include "support/plain_http.hpp"

#include <gmock/gmock.h>

#include <csignal>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

void send_effect(PlainHttp& http, const std::string& key) {
    http.send("POST", "/mcp",
              {{"Accept", "application/json, text/event-stream"},
               {"Content-Type", "application/json"},
               {"MCP-Protocol-Version", "2026-07-28"},
               {"Mcp-Method", "tools/call"},
               {"Mcp-Name", "effect"}},
              R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"effect","arguments":{"key":")" + key +
                  R"("},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)" +
                  R"("io.modelcontextprotocol/clientCapabilities":{}}}})");
}

struct Fault {
    const char* name;
    std::vector<std::string> args;
    int status;
    bool whole;
    const char* body;
    bool executes;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class BuiltinServerFaults : public ::testing::TestWithParam<Fault> {};

TEST_P(BuiltinServerFaults, HitOneCallAndTheNextOneIsWell) {
    const Fault& fault = GetParam();
    const TempFolder folder;
    const std::string ledger = folder.at("ledger");
    std::vector<std::string> args{"--http", "0", "--ledger", ledger};
    args.insert(args.end(), fault.args.begin(), fault.args.end());
    ListeningServer server(args);
    PlainHttp first(server.port());
    send_effect(first, "hit");
    const auto answer = first.read();
    EXPECT_EQ(answer.status, fault.status);
    EXPECT_EQ(answer.whole, fault.whole);
    EXPECT_THAT(answer.body, HasSubstr(fault.body));
    PlainHttp second(server.port());
    send_effect(second, "well");
    EXPECT_THAT(second.read().body, HasSubstr(R"("id":7,"result")"));
    const std::string lines = folder.text_of("ledger");
    EXPECT_EQ(lines.find("hit ") != std::string::npos, fault.executes);
    EXPECT_THAT(lines, HasSubstr("well "));
}

INSTANTIATE_TEST_SUITE_P(
    All, BuiltinServerFaults,
    ::testing::Values(Fault{"refused_429", {"--http-429", "3"}, 429, true, "Too Many", false},
                      Fault{"refused_503", {"--http-503"}, 503, true, "Unavailable", false},
                      Fault{"refused_401", {"--http-401-once"}, 401, true, "Unauthorized", false},
                      Fault{"refused_502", {"--http-status", "502"}, 502, true, "Bad Gateway", false},
                      Fault{"failed_500", {"--http-500-after-executing"}, 500, true, "went wrong", true},
                      Fault{"dropped", {"--sse-drop-before-id"}, 200, false, "", true},
                      Fault{"no_answer", {"--sse-no-answer"}, 200, true, "", true},
                      Fault{"empty", {"--http-empty-200"}, 200, true, "", true},
                      Fault{"half", {"--http-half-answer"}, 200, false, R"({"jsonrpc")", true},
                      Fault{"garbage_chunk", {"--http-garbage-chunk"}, 200, false, "", true},
                      Fault{"wrong_type", {"--http-wrong-content-type"}, 200, true, "result", true},
                      Fault{"twice", {"--sse-duplicate-events"}, 200, true, "event: message", true},
                      Fault{"huge", {"--sse-huge-event", "100000"}, 200, true, "xxxxxxxxxx", true},
                      Fault{"slow", {"--http-slow-first-byte", "30"}, 200, true, "result", true}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(BuiltinServerFault, CommentsGoOnWithoutAnAnswer) {
    ListeningServer server({"--http", "0", "--sse-endless-comments"});
    PlainHttp http(server.port());
    send_effect(http, "x");
    EXPECT_EQ(http.read_head().status, 200);
    for (int i = 0; i < 3; ++i) EXPECT_THAT(http.read_until(": still here\n"), HasSubstr("still here"));
}

TEST(BuiltinServerFault, RetryAfterIsSaidAsTold) {
    ListeningServer server({"--http", "0", "--http-429", "17", "--fault-at", "2", "--fault-times", "2"});
    PlainHttp http(server.port());
    const int expected[] = {200, 429, 429, 200};
    for (const int status : expected) {
        send_effect(http, "x");
        const auto answer = http.read();
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.headers.contains("retry-after"), status == 429);
    }
}

class LostSessions : public ::testing::TestWithParam<std::pair<int, const char*>> {};

TEST_P(LostSessions, AreSaidInEachDialect) {
    const auto [status, wording] = GetParam();
    ListeningServer server(
        {"--http", "0", "--http-404-session-after", "2", "--http-lost-status", std::to_string(status)});
    PlainHttp http(server.port());
    PlainHttp::Headers headers{{"Accept", "*/*"}, {"Content-Type", "application/json"}};
    http.send("POST", "/mcp", headers,
              R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})");
    headers.emplace_back("Mcp-Session-Id", http.read().headers.at("mcp-session-id"));
    const std::string ping = R"({"jsonrpc":"2.0","id":2,"method":"ping"})";
    http.send("POST", "/mcp", headers, ping);
    EXPECT_EQ(http.read().body, R"({"jsonrpc":"2.0","id":2,"result":{}})");
    http.send("POST", "/mcp", headers, ping);
    const auto lost = http.read();
    EXPECT_EQ(lost.status, status);
    EXPECT_THAT(lost.body, HasSubstr(wording));
}

INSTANTIATE_TEST_SUITE_P(All, LostSessions,
                         ::testing::Values(std::pair(404, "Session not found"), std::pair(400, "No valid session ID"),
                                           std::pair(410, "Session not found"), std::pair(401, "Invalid session"),
                                           std::pair(503, "Session expired"), std::pair(200, "Session not found")));

TEST(BuiltinServerSessions, AreLostAgainAndAgain) {
    ListeningServer server({"--http", "0", "--http-404-session-every", "3"});
    PlainHttp http(server.port());
    std::vector<int> statuses;
    for (int session = 0; session < 2; ++session) {
        PlainHttp::Headers headers{{"Accept", "*/*"}, {"Content-Type", "application/json"}};
        http.send("POST", "/mcp", headers,
                  R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})");
        headers.emplace_back("Mcp-Session-Id", http.read().headers.at("mcp-session-id"));
        for (int i = 0; i < 3; ++i) {
            http.send("POST", "/mcp", headers, R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
            statuses.push_back(http.read().status);
        }
    }
    EXPECT_THAT(statuses, ::testing::ElementsAre(200, 200, 404, 200, 200, 404));
}

TEST(BuiltinServerEnds, WithItsInput) {
    ListeningServer server({"--http", "0"});
    PlainHttp open(server.port());
    EXPECT_EQ(server.program().finish(), 0);
    EXPECT_EQ(open.read_until("never"), "");
}

TEST(BuiltinServerEnds, OnSigtermAndTakesItsSocketFileAlong) {
    const TempFolder folder;
    const std::string path = folder.at("socket");
    ListeningServer server({"--unix", path});
    EXPECT_EQ(server.url(), "unix:" + path);
    EXPECT_TRUE(std::filesystem::exists(path));
    server.program().kill(SIGTERM);
    const auto status = server.program().wait();
    ASSERT_TRUE(status);
    EXPECT_EQ(*status, 0);
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(BuiltinServerEnds, AtOnceWhenToldToListenElsewhereThanOnTheLoopback) {
    for (const char* where : {"0.0.0.0:0", "192.0.2.1:80", "127.0.0.1:70000", "x"}) {
        Program program({HAIVE_TEST_SERVER, "--quiet", "--http", where});
        const auto status = program.wait();
        ASSERT_TRUE(status) << where;
        EXPECT_EQ(WEXITSTATUS(*status), 2) << where;
    }
}

}  // namespace
}  // namespace haive::mcp::testing
