// One life of a connection, the same over every transport and in both eras.
#include "integration/support/any_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

class Lifecycle : public ::testing::TestWithParam<TransportKind> {
protected:
    static MCPConnection over(const AnyServer& server, ConnectionOptions options = quick()) {
        return MCPConnection("suite", server.transport(), std::move(options));
    }
    static std::string echo(MCPClient& client, const std::string& text) {
        return client.call_tool("echo", {{"text", text}}).get().text();
    }
};

TEST_P(Lifecycle, ConnectsAndSaysWhatWasAgreed) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    EXPECT_EQ(connection.status(), ConnectionStatus::disconnected);
    const auto client = connection.connect().get();
    EXPECT_EQ(connection.status(), ConnectionStatus::connected);
    const auto facts = client->facts();
    const bool modern = std::string_view(GetParam().era) == "modern";
    EXPECT_EQ(facts->era, modern ? Era::modern : Era::legacy);
    EXPECT_EQ(facts->protocol_version.substr(0, 2), "20");
    EXPECT_EQ(facts->generation, 1U);
    bool has_echo = false;
    for (const Tool& tool : client->list_tools().get()) has_echo = has_echo || tool.name == "echo";
    EXPECT_TRUE(has_echo);
    EXPECT_EQ(echo(*client, "hello"), "hello");
}

TEST_P(Lifecycle, FiftyCallsAtOnceGetTheirOwnAnswers) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    const auto client = connection.connect().get();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 50; ++i) calls.push_back(client->call_tool("echo", {{"text", std::to_string(i)}}));
    for (int i = 0; i < 50; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get().text(), std::to_string(i));
}

TEST_P(Lifecycle, ACallPastItsLimitEndsAndTheNextOneWorks) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    const auto client = connection.connect().get();
    const auto late = client->call_tool("sleep", {{"ms", 60'000}}, within(Seconds(0.2))).wait();
    ASSERT_TRUE(late.has_error());
    EXPECT_EQ(late.error().kind(), ErrorKind::idle_timeout);
    EXPECT_EQ(late.error().disposition(), Disposition::maybe_executed);
    EXPECT_EQ(echo(*client, "next"), "next");
    EXPECT_EQ(connection.status(), ConnectionStatus::connected);
}

TEST_P(Lifecycle, ACancelledCallEnds) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    const auto client = connection.connect().get();
    auto call = client->call_tool("sleep", {{"ms", 60'000}});
    EXPECT_EQ(echo(*client, "it is on its way"), "it is on its way");
    call.cancel();
    const auto ended = call.wait();
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::cancelled);
    EXPECT_EQ(echo(*client, "next"), "next");
}

TEST_P(Lifecycle, ProgressReachesTheCaller) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    const auto client = connection.connect().get();
    auto steps = std::make_shared<std::atomic<int>>(0);
    CallOptions options;
    options.on_progress = [steps](const Progress&) { ++*steps; };
    client->call_tool("progress", {{"steps", 3}, {"ms", 1}}, options).get();
    EXPECT_EQ(*steps, 3);
}

TEST_P(Lifecycle, ChangesAreAnnounced) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    const auto client = connection.connect().get();
    auto told = std::make_shared<std::atomic<int>>(0);
    client->add_notification_handler("notifications/tools/list_changed", [told](const RawJson&) { ++*told; });
    // Over HTTP the stream of announcements opens beside the calls; what comes before it opens is not announced.
    EXPECT_TRUE(eventually([&] {
        client->call_tool("change_tools").get();
        return *told > 0;
    }));
}

TEST_P(Lifecycle, HealthChecksAreRoundTrips) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    connection.connect().get();
    const json::object health = connection.health_check().get();
    EXPECT_TRUE(health.at("error").is_null());
    EXPECT_TRUE(connection.is_healthy());
}

TEST_P(Lifecycle, ADeathEndsEachCallOnceAndTheNextServerServes) {
    if (!GetParam().has_process()) GTEST_SKIP() << "there is no process that could die";
    AnyServer server(GetParam());
    auto connection = over(server);
    const auto client = connection.connect().get();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 10; ++i) calls.push_back(client->call_tool("sleep", {{"ms", 60'000}}));
    EXPECT_EQ(echo(*client, "all are on their way"), "all are on their way");
    server.die(connection);
    for (auto& call : calls) {
        const auto ended = call.wait();
        ASSERT_TRUE(ended.has_error());
        EXPECT_EQ(ended.error().kind(), ErrorKind::connection_lost) << ended.error().to_string();
        EXPECT_EQ(ended.error().disposition(), Disposition::maybe_executed);
    }
    CallOptions waits;
    waits.wait_for_ready = true;
    EXPECT_TRUE(eventually([&] { return client->call_tool("echo", {{"text", "again"}}, waits).wait().has_value(); }));
}

TEST_P(Lifecycle, DisconnectEndsCallsAndConnectBeginsAnew) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    const auto client = connection.connect().get();
    auto call = client->call_tool("sleep", {{"ms", 60'000}});
    EXPECT_EQ(echo(*client, "it is on its way"), "it is on its way");
    connection.disconnect().get();
    const auto ended = call.wait();
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::shutdown);
    EXPECT_EQ(ended.error().disposition(), Disposition::maybe_executed);
    connection.disconnect().get();
    EXPECT_EQ(connection.status(), ConnectionStatus::disconnected);
    const auto refused = client->call_tool("echo", {{"text", "x"}}).wait();
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().kind(), ErrorKind::not_connected);
    EXPECT_EQ(connection.connect().get(), connection.connect().get());
    EXPECT_EQ(echo(*client, "anew"), "anew");
}

TEST_P(Lifecycle, ReconnectReplacesTheSession) {
    const AnyServer server(GetParam());
    auto connection = over(server);
    const auto client = connection.connect().get();
    EXPECT_TRUE(connection.reconnect().get());
    EXPECT_EQ(client->facts()->generation, 2U);
    EXPECT_EQ(echo(*client, "anew"), "anew");
}

TEST_P(Lifecycle, DestructionAloneEndsCalls) {
    const AnyServer server(GetParam());
    std::optional<MCPConnection> connection(over(server));
    const auto client = connection->connect().get();
    auto call = client->call_tool("sleep", {{"ms", 60'000}});
    connection.reset();
    EXPECT_TRUE(call.wait().has_error());
    EXPECT_FALSE(client->is_connected());
}

TEST_P(Lifecycle, AServerThatNeverAnswersFailsTheAttemptInTime) {
    const AnyServer server(GetParam(), {"--hang-at-start"});
    ConnectionOptions options = quick();
    options.connection_timeout = Seconds(0.5);
    auto connection = over(server, options);
    const auto failed = connection.connect().wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::deadline_exceeded) << failed.error().to_string();
    EXPECT_THAT(failed.error().to_string(), HasSubstr("suite"));
}

TEST_P(Lifecycle, NobodyThereSaysWhere) {
    if (!GetParam().listens_somewhere()) GTEST_SKIP() << "it is started, not reached";
    AnyServer server(GetParam());
    server.end();
    auto connection = over(server);
    const auto failed = connection.connect().wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::server_unavailable);
    EXPECT_EQ(failed.error().disposition(), Disposition::not_sent);
    EXPECT_THAT(failed.error().to_string(), HasSubstr(server.where()));
    EXPECT_FALSE(failed.error().details().mend.empty());
}

INSTANTIATE_TEST_SUITE_P(Transports, Lifecycle,
                         ::testing::Values(TransportKind{"stdio_legacy", "stdio", "", "legacy"},
                                           TransportKind{"stdio_modern", "stdio", "", "modern"},
                                           TransportKind{"memory", "memory", "", "legacy"},
                                           TransportKind{"http_legacy", "--http", "http", "legacy"},
                                           TransportKind{"http_modern", "--http", "http", "modern"},
                                           TransportKind{"sse", "--sse", "sse", "legacy"},
                                           TransportKind{"websocket", "--websocket", "", "legacy"},
                                           TransportKind{"websocket_modern", "--websocket", "", "modern"},
                                           TransportKind{"unix_socket", "--unix", "", "modern"},
                                           TransportKind{"tcp", "--tcp", "", "legacy"}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace haive::mcp::testing
