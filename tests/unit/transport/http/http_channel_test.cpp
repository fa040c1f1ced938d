#include "transport/http/http_channel.hpp"

#include "scripted_origin.hpp"

#include <deque>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using Origin = ScriptedOrigin;

struct Waiting final : Exchange {
    void on_reply(const MessageView& message) override {
        ++ends;
        answer =
            message.kind == MessageKind::error ? "error " + std::string(message.payload) : std::string(message.payload);
    }
    void on_failed(Error e) override {
        ++ends;
        error = std::move(e);
    }
    int ends = 0;
    std::string answer;
    std::optional<Error> error;
};

class HttpChannelTest : public ::testing::Test, protected Channel::Handler {
protected:
    HttpChannelTest() { open(HttpOptions()); }
    void open(HttpOptions options) {
        channel = std::make_unique<HttpChannel>(*manual.runtime, origin,
                                                *HttpUrl::parse("http://server.example/mcp?k=1"), std::move(options));
        channel->start(*this);
    }
    Waiting& call(std::string method, std::string version = "2025-11-25", std::string name = {}) {
        Waiting& one = waiting.emplace_back();
        texts.push_back(std::move(method));
        texts.push_back(std::move(version));
        texts.push_back(std::move(name));
        Outbound out;
        out.id = ++id;
        out.frame = R"({"id":)" + std::to_string(id) + '}';
        out.method = texts[texts.size() - 3];
        out.protocol_version = texts[texts.size() - 2];
        out.name = texts.back();
        channel->exchange(std::move(out), one);
        return one;
    }
    /// `initialize` with a session, and the notice after it.
    void begin_session(const std::string& session) {
        call("initialize", "");
        Origin::json(origin->last(), 200, R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":{}})",
                     {{"Mcp-Session-Id", session}});
    }
    void notify(std::string_view method, std::string_view version = "2025-11-25") {
        Outbound out;
        out.frame = "{}";
        out.method = method;
        out.protocol_version = version;
        channel->send(std::move(out));
    }
    std::string result(std::uint64_t of) {
        return R"({"jsonrpc":"2.0","id":)" + std::to_string(of) + R"(,"result":{"a":1}})";
    }

    void on_message(const MessageView& message) override { heard.emplace_back(message.method); }
    void on_channel_lost(const ChannelEnd&) override { ++losses; }
    void on_session_lost(const Error& why) override {
        ++sessions_lost;
        session_error = why;
    }
    void on_notifications_missed() override { ++missed; }
    void on_channel_note(std::string_view kind, std::string_view) override { notes.emplace_back(kind); }

    ManualRuntime manual;
    std::shared_ptr<Origin> origin = std::make_shared<Origin>();
    std::deque<Waiting> waiting;
    std::deque<std::string> texts;
    std::uint64_t id = 0;
    std::vector<std::string> heard, notes;
    int losses = 0, sessions_lost = 0, missed = 0;
    Error session_error;
    std::unique_ptr<HttpChannel> channel;  // the first to go
};

TEST_F(HttpChannelTest, AJsonAnswerEndsItsCall) {
    Waiting& one = call("tools/list");
    EXPECT_EQ(origin->last().request.target, "/mcp?k=1");
    EXPECT_EQ(origin->last().name("Accept"), "application/json, text/event-stream");
    Origin::json(origin->last(), 200, result(1));
    EXPECT_EQ(one.answer, R"({"a":1})");
    EXPECT_EQ(one.ends, 1);
    EXPECT_EQ(channel->in_flight(), 0U);
}

TEST_F(HttpChannelTest, AnAnswerInPiecesOfOneByte) {
    Waiting& one = call("tools/list");
    Origin::events(origin->last());
    const std::string stream =
        ": hello\r\n\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\r\n\r\nevent: "
        "message\ndata: " +
        result(1) + "\n\n";
    for (const char c : stream) Origin::body(origin->last(), std::string_view(&c, 1));
    EXPECT_EQ(one.answer, R"({"a":1})");
    EXPECT_EQ(heard, std::vector<std::string>{"notifications/progress"});
    EXPECT_EQ(origin->last().handler, nullptr) << "the stream is left once the answer is there";
}

TEST_F(HttpChannelTest, TheSessionIdGoesWithEverythingButInitialize) {
    begin_session("s-1");
    EXPECT_EQ(origin->last().name("Mcp-Session-Id"), "(none)");
    EXPECT_EQ(origin->last().name("MCP-Protocol-Version"), "(none)");
    call("tools/list");
    EXPECT_EQ(origin->last().name("Mcp-Session-Id"), "s-1");
    EXPECT_EQ(origin->last().name("MCP-Protocol-Version"), "2025-11-25");
    EXPECT_EQ(origin->last().name("Mcp-Method"), "(none)");
    call("initialize", "");
    EXPECT_EQ(origin->last().name("Mcp-Session-Id"), "(none)");
}

TEST_F(HttpChannelTest, ModernRequestsCarryTheirHeaders) {
    call("tools/call", "2026-07-28", "größe");
    EXPECT_EQ(origin->last().name("MCP-Protocol-Version"), "2026-07-28");
    EXPECT_EQ(origin->last().name("Mcp-Method"), "tools/call");
    EXPECT_EQ(origin->last().name("Mcp-Name"), "=?base64?Z3LDtsOfZQ==?=");
    EXPECT_EQ(origin->last().name("Mcp-Session-Id"), "(none)");
}

TEST_F(HttpChannelTest, AForgottenSessionIsOneLossForAllItsCalls) {
    begin_session("s-1");
    Waiting& first = call("tools/call");
    auto& asked_first = origin->last();
    Waiting& second = call("tools/call");
    auto& asked_second = origin->last();
    Origin::json(asked_first, 404,
                 R"({"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}})");
    begin_session("s-2");
    Origin::head(asked_second, 404, {});
    Origin::end(asked_second);
    for (const Waiting* one : {&first, &second}) {
        ASSERT_TRUE(one->error);
        EXPECT_EQ(one->error->kind(), ErrorKind::session_lost);
        EXPECT_EQ(one->error->disposition(), Disposition::not_sent);
    }
    EXPECT_EQ(sessions_lost, 1);
    call("tools/list");
    EXPECT_EQ(origin->last().name("Mcp-Session-Id"), "s-2") << "the late 404 was about the old one";
}

TEST_F(HttpChannelTest, DialectsOfSessionLoss) {
    const struct {
        int status;
        const char* body;
        bool lost;
    } cases[] = {
        {404, "", true},
        {410, "gone", true},
        {400,
         R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null})",
         true},
        {400, R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: Server not initialized"},"id":null})",
         true},
        {401, "session expired", true},
        {503, "Unknown session", true},
        {200, R"({"jsonrpc":"2.0","id":2,"error":{"code":-30001,"message":"Session not found"}})", true},
        {400, R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"bad arguments"},"id":2})", false},
        {503, "overloaded", false},
        {405, "", false},
        {200, R"({"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"the disk is full"}})", false}};
    for (const auto& c : cases) {
        sessions_lost = 0;
        id = 0;
        channel.reset();
        open(HttpOptions());
        begin_session("s");
        call("tools/call");
        Origin::json(origin->last(), c.status, c.body);
        EXPECT_EQ(sessions_lost, c.lost ? 1 : 0) << c.status << ' ' << c.body;
        EXPECT_EQ(waiting.back().ends, 1);
    }
}

TEST_F(HttpChannelTest, A404WithoutASessionIsNoSessionLoss) {
    Waiting& one = call("tools/list");
    Origin::head(origin->last(), 404, {{"Content-Type", "text/html"}});
    Origin::body(origin->last(), "<html>no such page</html>");
    Origin::end(origin->last());
    EXPECT_EQ(sessions_lost, 0);
    ASSERT_TRUE(one.error);
    EXPECT_EQ(one.error->details().http_status, 404);
    EXPECT_EQ(one.error->disposition(), Disposition::not_sent);
    EXPECT_TRUE(one.error->details().peer_text.empty()) << "a page is no error text";
}

TEST_F(HttpChannelTest, VerdictsOfTable42) {
    const struct {
        int status;
        Disposition verdict;
    } cases[] = {{401, Disposition::not_sent}, {403, Disposition::not_sent},       {405, Disposition::not_sent},
                 {413, Disposition::not_sent}, {429, Disposition::not_sent},       {400, Disposition::executed},
                 {422, Disposition::executed}, {500, Disposition::maybe_executed}, {503, Disposition::maybe_executed}};
    for (const auto& c : cases) {
        Waiting& one = call("tools/call");
        Origin::head(origin->last(), c.status, {{"Retry-After", "7"}});
        Origin::end(origin->last());
        ASSERT_TRUE(one.error);
        EXPECT_EQ(one.error->disposition(), c.verdict) << c.status;
        EXPECT_EQ(one.error->details().retry_after, Duration(7s));
    }
    const struct {
        HttpSent sent;
        Disposition verdict;
    } breaks[] = {{HttpSent::nothing, Disposition::not_sent},
                  {HttpSent::part, Disposition::not_sent},
                  {HttpSent::whole, Disposition::maybe_executed}};
    for (const auto& b : breaks) {
        Waiting& one = call("tools/call");
        Origin::broken(origin->last(), b.sent);
        ASSERT_TRUE(one.error);
        EXPECT_EQ(one.error->disposition(), b.verdict);
    }
}

TEST_F(HttpChannelTest, AJsonRpcErrorInARefusalIsTheAnswer) {
    Waiting& one = call("nonsense", "2026-07-28");
    Origin::json(origin->last(), 404, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"no"}})");
    EXPECT_EQ(one.answer, R"(error {"code":-32601,"message":"no"})");
}

TEST_F(HttpChannelTest, AModernStreamThatEndsWithoutAnAnswerFailsAtOnce) {
    Waiting& one = call("tools/call", "2026-07-28");
    Origin::events(origin->last());
    Origin::body(origin->last(), "id: 7\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n\n");
    Origin::end(origin->last());
    ASSERT_TRUE(one.error);
    EXPECT_EQ(one.error->kind(), ErrorKind::connection_lost);
    EXPECT_EQ(one.error->disposition(), Disposition::maybe_executed);
    EXPECT_TRUE(one.error->details().started);
}

TEST_F(HttpChannelTest, ALegacyStreamIsResumedAfterRetry) {
    begin_session("s-1");
    Waiting& one = call("tools/call");
    Origin::events(origin->last());
    Origin::body(origin->last(), "id: e1\nretry: 500\ndata:\n\n");
    Origin::end(origin->last());
    const std::size_t before = origin->asked.size();
    manual.loop->advance(499ms);
    EXPECT_EQ(origin->asked.size(), before);
    manual.loop->advance(52ms);
    ASSERT_EQ(origin->asked.size(), before + 1);
    EXPECT_EQ(origin->last().request.method, "GET");
    EXPECT_EQ(origin->last().name("Last-Event-ID"), "e1");
    EXPECT_EQ(origin->last().name("Mcp-Session-Id"), "s-1");
    Origin::events(origin->last());
    Origin::body(origin->last(), "id: e2\ndata: " + result(2) + "\n\n");
    EXPECT_EQ(one.answer, R"({"a":1})");
}

TEST_F(HttpChannelTest, ResumingGivesUpAfterFiveInVain) {
    Waiting& one = call("tools/call");
    Origin::events(origin->last());
    Origin::body(origin->last(), "id: e1\ndata:\n\n");
    Origin::end(origin->last());
    int resumes = 0;
    while (!one.error && resumes < 20) {
        manual.loop->advance(31s);
        if (one.error) break;
        ++resumes;
        Origin::broken(origin->last(), HttpSent::whole);
    }
    EXPECT_EQ(resumes, 5);
    ASSERT_TRUE(one.error);
    EXPECT_EQ(one.error->disposition(), Disposition::maybe_executed);
}

TEST_F(HttpChannelTest, RedirectsStayWithinTheOriginAndKeepTheMethod) {
    Waiting& one = call("tools/list");
    Origin::head(origin->last(), 307, {{"Location", "/mcp/"}});
    Origin::end(origin->last());
    EXPECT_EQ(origin->last().request.target, "/mcp/");
    EXPECT_EQ(origin->last().request.method, "POST");
    EXPECT_EQ(origin->last().request.body, R"({"id":1})");
    Origin::head(origin->last(), 308, {{"Location", "https://elsewhere.example/mcp"}});
    Origin::end(origin->last());
    EXPECT_EQ(origin->asked.size(), 2U);
    ASSERT_TRUE(one.error);
    EXPECT_EQ(one.error->disposition(), Disposition::not_sent);
    EXPECT_NE(one.error->message().find("https://elsewhere.example/mcp"), std::string::npos);
}

TEST_F(HttpChannelTest, RedirectsInACircleEnd) {
    Waiting& one = call("tools/list");
    for (int i = 0; i < 20 && !one.error; ++i) {
        Origin::head(origin->last(), 307, {{"Location", "/mcp"}});
        Origin::end(origin->last());
    }
    EXPECT_TRUE(one.error);
    EXPECT_EQ(origin->asked.size(), 6U);
}

TEST_F(HttpChannelTest, AbandoningClosesTheStreamAndSaysTheVerdict) {
    call("tools/call", "2026-07-28");
    auto& asked = origin->last();
    EXPECT_EQ(channel->abandon(1), Disposition::maybe_executed);
    EXPECT_EQ(asked.handler, nullptr);
    notify("notifications/cancelled", "2026-07-28");
    EXPECT_EQ(origin->asked.size(), 1U) << "closing the stream is the cancel";
    call("tools/call");
    origin->last().sent = HttpSent::part;
    EXPECT_EQ(channel->abandon(2), Disposition::not_sent);
}

TEST_F(HttpChannelTest, TheEventStreamIsOptional) {
    begin_session("s-1");
    notify("notifications/initialized");
    Origin::head(origin->last(), 202, {});
    Origin::end(origin->last());
    ASSERT_EQ(origin->last().request.method, "GET");
    EXPECT_TRUE(origin->last().request.long_lived);
    Origin::head(origin->last(), 404, {});
    Origin::end(origin->last());
    const std::size_t before = origin->asked.size();
    manual.loop->advance(1h);
    EXPECT_EQ(origin->asked.size(), before) << "a server without one is not asked again";
    EXPECT_EQ(sessions_lost, 0) << "a 404 to GET is no session loss";
    EXPECT_EQ(losses, 0);
}

TEST_F(HttpChannelTest, TheEventStreamComesBackAndSaysWhatMayBeMissed) {
    begin_session("s-1");
    notify("notifications/initialized");
    Origin::head(origin->last(), 202, {});
    Origin::end(origin->last());
    Origin::events(origin->last());
    Origin::body(origin->last(), "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n");
    EXPECT_EQ(heard.size(), 1U);
    Origin::end(origin->last());
    EXPECT_EQ(missed, 0);
    manual.loop->advance(2s);
    Origin::events(origin->last());
    EXPECT_EQ(missed, 1);
    Origin::body(origin->last(), "id: x\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"a\"}\n\n");
    Origin::end(origin->last());
    manual.loop->advance(2s);
    EXPECT_EQ(origin->last().name("Last-Event-ID"), "x");
    Origin::events(origin->last());
    EXPECT_EQ(missed, 1) << "resumed: nothing was missed";
}

TEST_F(HttpChannelTest, ClosingDeletesTheSessionWithinTwoSeconds) {
    begin_session("s-1");
    bool closed = false;
    channel->close(CloseMode::graceful, [&] { closed = true; });
    EXPECT_EQ(origin->last().request.method, "DELETE");
    EXPECT_EQ(origin->last().name("Mcp-Session-Id"), "s-1");
    manual.loop->advance(1900ms);
    EXPECT_FALSE(closed);
    manual.loop->advance(200ms);
    EXPECT_TRUE(closed);
}

TEST_F(HttpChannelTest, TooLargeAnAnswerFailsOnlyItsCall) {
    channel.reset();
    HttpOptions options;
    options.max_message_bytes = 1000;
    open(std::move(options));
    Waiting& one = call("tools/call");
    Origin::head(origin->last(), 200, {{"Content-Type", "application/json"}});
    Origin::body(origin->last(), std::string(600, 'x'));
    Origin::body(origin->last(), std::string(600, 'x'));
    ASSERT_TRUE(one.error);
    EXPECT_EQ(one.error->kind(), ErrorKind::response_too_large);
    EXPECT_EQ(one.error->disposition(), Disposition::executed);
    Waiting& two = call("tools/call");
    Origin::events(origin->last());
    Origin::body(origin->last(), "data: " + std::string(1200, 'x') + "\n\n");
    ASSERT_TRUE(two.error);
    EXPECT_EQ(two.error->kind(), ErrorKind::response_too_large);
}

TEST_F(HttpChannelTest, SuccessesThatAreNoAnswers) {
    Waiting& page = call("tools/list");
    Origin::head(origin->last(), 200, {{"Content-Type", "text/html"}});
    ASSERT_TRUE(page.error);
    EXPECT_EQ(page.error->kind(), ErrorKind::protocol_violation);
    Waiting& empty = call("ping");
    Origin::json(origin->last(), 200, "");
    ASSERT_TRUE(empty.error);
    Waiting& taken = call("ping");
    Origin::head(origin->last(), 202, {});
    Origin::end(origin->last());
    ASSERT_TRUE(taken.error);
    EXPECT_EQ(taken.error->disposition(), Disposition::maybe_executed);
    Waiting& junk = call("ping");
    Origin::json(origin->last(), 200, "<<<");
    ASSERT_TRUE(junk.error);
    Waiting& others = call("ping");
    Origin::json(origin->last(), 200, result(77));
    ASSERT_TRUE(others.error);
    EXPECT_EQ(others.error->disposition(), Disposition::executed);
}

TEST_F(HttpChannelTest, ABatchIsTakenApart) {
    Waiting& one = call("tools/list", "2025-03-26");
    Origin::json(origin->last(), 200, "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}," + result(1) + "]");
    EXPECT_EQ(one.answer, R"({"a":1})");
    EXPECT_EQ(heard.size(), 1U);
}

TEST_F(HttpChannelTest, BalancerCookiesComeBack) {
    call("tools/list");
    Origin::json(origin->last(), 200, result(1), {{"Set-Cookie", "lb=replica-2; Path=/; HttpOnly"}});
    call("tools/list");
    EXPECT_EQ(origin->last().name("Cookie"), "lb=replica-2");
}

TEST_F(HttpChannelTest, ConfiguredHeadersCannotReplaceTheProtocols) {
    channel.reset();
    HttpOptions options;
    options.headers = {{"X-Team", "blue"}, {"Accept", "nothing"}, {"mcp-method", "x"}, {"Authorization", "Bearer t"}};
    open(std::move(options));
    call("tools/list", "2026-07-28");
    EXPECT_EQ(origin->last().name("X-Team"), "blue");
    EXPECT_EQ(origin->last().name("Authorization"), "Bearer t");
    EXPECT_EQ(origin->last().name("Accept"), "application/json, text/event-stream");
    EXPECT_EQ(origin->last().name("Mcp-Method"), "tools/list");
    EXPECT_EQ(origin->last().name("mcp-method"), "(none)");
}

struct TwoTokens final : HttpCredentials {
    Task<Result<std::string>> authorization(HttpChallenge challenge) override {
        if (challenge.status != 0) challenges.push_back(challenge.www_authenticate.front());
        co_return challenge.status == 0 ? std::string("Bearer old") : std::string("Bearer new");
    }
    std::vector<std::string> challenges;
};

TEST_F(HttpChannelTest, A401IsAnsweredOnceWithFreshCredentials) {
    channel.reset();
    auto tokens = std::make_shared<TwoTokens>();
    HttpOptions options;
    options.credentials = tokens;
    open(std::move(options));
    Waiting& one = call("tools/call");
    EXPECT_EQ(origin->last().name("Authorization"), "Bearer old");
    Origin::head(origin->last(), 401, {{"WWW-Authenticate", "Bearer scope=\"x\""}});
    Origin::end(origin->last());
    EXPECT_EQ(tokens->challenges, std::vector<std::string>{"Bearer scope=\"x\""});
    EXPECT_EQ(origin->last().name("Authorization"), "Bearer new");
    Origin::head(origin->last(), 401, {{"WWW-Authenticate", "Bearer"}});
    Origin::end(origin->last());
    EXPECT_EQ(origin->asked.size(), 2U) << "a second refusal is the answer";
    ASSERT_TRUE(one.error);
    EXPECT_EQ(one.error->kind(), ErrorKind::auth_required);
    EXPECT_EQ(one.error->attempt_class(), AttemptClass::auth);
}

TEST_F(HttpChannelTest, DestroyingTheChannelEndsItsCalls) {
    Waiting& one = call("tools/call");
    channel.reset();
    EXPECT_EQ(one.ends, 1);
    EXPECT_EQ(origin->last().handler, nullptr);
}

}  // namespace
}  // namespace haive::mcp::testing
