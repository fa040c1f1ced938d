// A server over HTTP that dies and comes back on the same port: the connection says so, and calls wait or fail
// with the verdict that fits.
#include "haive/mcp/client.hpp"
#include "integration/support/listening_server.hpp"
#include "integration/support/served.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

class HttpServerGone : public ::testing::TestWithParam<const char*> {
protected:
    static std::unique_ptr<ListeningServer> serve(std::uint16_t port = 0) {
        return std::make_unique<ListeningServer>(Args{"--http", std::to_string(port), "--era", GetParam()});
    }
    static void end(std::unique_ptr<ListeningServer>& server) {
        server->program().kill(SIGKILL);
        server->program().wait();
        server.reset();
    }
    /// Not healed before a call asks for it.
    static ConnectionOptions patient() {
        ConnectionOptions options = quick();
        options.reconnect_delay = Seconds(30);
        options.max_reconnect_delay = Seconds(120);
        return options;
    }
};

TEST_P(HttpServerGone, IsNoticedByTheFirstCallThatCannotReachIt) {
    auto server = serve();
    HttpOptions http;
    http.event_stream = false;  // which would notice it first
    MCPConnection connection("far", HttpTransport(server->url(), http), patient());
    const auto client = connection.connect().get();
    EXPECT_EQ(client->call_tool("echo", {{"text", "a"}}).get().text(), "a");
    end(server);
    CallOptions once;
    once.max_attempts = 1;
    const auto failed = client->call_tool("echo", {{"text", "b"}}, once).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::server_unavailable);
    EXPECT_EQ(failed.error().disposition(), Disposition::not_sent);
    EXPECT_THAT(failed.error().to_string(), HasSubstr("refused"));
    EXPECT_EQ(connection.status(), ConnectionStatus::reconnecting);
}

TEST_P(HttpServerGone, CallsWaitForItAndAreAnswered) {
    auto server = serve();
    const std::uint16_t port = server->port();
    MCPConnection connection("far", HttpTransport(server->url()), quick());
    const auto client = connection.connect().get();
    end(server);
    std::vector<Async<CallToolResult>> calls;
    CallOptions waits;
    waits.wait_for_ready = true;
    for (int i = 0; i < 20; ++i) calls.push_back(client->call_tool("echo", {{"text", std::to_string(i)}}, waits));
    // A modern connection has nothing that would tell it but these calls: the port stays dead until one has tried it.
    ASSERT_TRUE(eventually([&] { return connection.status() == ConnectionStatus::reconnecting; }));
    server = serve(port);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get().text(), std::to_string(i));
    EXPECT_EQ(connection.get_info().metadata.at("reconnects").to_number<int>(), 1);
    connection.disconnect().get();
}

TEST_P(HttpServerGone, ACallWakesAConnectionThatRests) {
    auto server = serve();
    const std::uint16_t port = server->port();
    ConnectionOptions options = quick();
    options.max_reconnect_attempts = 2;
    MCPConnection connection("far", HttpTransport(server->url()), options);
    const auto client = connection.connect().get();
    end(server);
    EXPECT_TRUE(client->call_tool("echo", {{"text", "a"}}).wait().has_error());
    ASSERT_TRUE(eventually([&] { return connection.status() == ConnectionStatus::error; }));
    server = serve(port);
    // A call within the rest after the last failure does not wake it; a later one does.
    EXPECT_TRUE(eventually([&] { return client->call_tool("echo", {{"text", "b"}}).wait().has_value(); }));
    EXPECT_EQ(connection.status(), ConnectionStatus::connected);
    connection.disconnect().get();
}

INSTANTIATE_TEST_SUITE_P(Eras, HttpServerGone, ::testing::Values("legacy", "modern"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace haive::mcp::testing
