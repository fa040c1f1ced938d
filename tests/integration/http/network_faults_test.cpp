// Networks as they are, over both eras of HTTP: slow ones, ones that break bytes up, ones that stop without a word,
// and servers that drop connections that rest.
#include "haive/mcp/client.hpp"
#include "integration/support/listening_server.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"
#include "support/fault_proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

FaultPlan both_ways(const FaultyDirection& how) {
    FaultPlan plan;
    plan.up = how;
    plan.down = how;
    return plan;
}

class NetworkFaults : public ::testing::TestWithParam<const char*> {
protected:
    NetworkFaults() : server_(serve(0)) {}

    std::unique_ptr<ListeningServer> serve(std::uint16_t port) const {
        return std::make_unique<ListeningServer>(
            Args{"--http", std::to_string(port), "--era", GetParam(), "--ledger", folder_.at("ledger")});
    }
    static std::string url(const FaultProxy& proxy, const char* scheme = "http") {
        return std::string(scheme) + "://127.0.0.1:" + std::to_string(proxy.port()) + "/mcp";
    }
    [[nodiscard]] std::unique_ptr<FaultProxy> through(FaultPlan plan) const {
        return std::make_unique<FaultProxy>(server_->port(), [plan](int) { return plan; });
    }
    int lines(const std::string& key) const {
        int count = 0;
        for (const auto& line : folder_.lines_of("ledger")) count += line.starts_with(key + " ") ? 1 : 0;
        return count;
    }

    TempFolder folder_;
    std::unique_ptr<ListeningServer> server_;
};

TEST_P(NetworkFaults, LatencyIsPaidOnceByCallsThatGoTogether) {
    FaultyDirection slow;
    slow.latency = 200ms;
    const auto proxy = through(both_ways(slow));
    MCPConnection connection("far", HttpTransport(url(*proxy)), quick());
    const auto client = connection.connect().get();
    EXPECT_GE(time_of([&] { client->ping().get(); }), 400ms);
    const auto took = time_of([&] {
        std::vector<Async<CallToolResult>> calls;
        for (int i = 0; i < 10; ++i) calls.push_back(client->call_tool("echo", {{"text", std::to_string(i)}}));
        for (int i = 0; i < 10; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get().text(), std::to_string(i));
    });
    EXPECT_GE(took, 400ms);
    EXPECT_LT(took, 2s);
    connection.disconnect().get();
}

TEST_P(NetworkFaults, AKilobyteASecondIsEnough) {
    FaultPlan plan;
    plan.down.bytes_per_second = 1024;
    const auto proxy = through(plan);
    MCPConnection connection("far", HttpTransport(url(*proxy)), quick());
    const auto client = connection.connect().get();
    const std::string text(1500, 'x');
    std::string answer;
    EXPECT_GE(time_of([&] { answer = client->call_tool("echo", {{"text", text}}).get().text(); }), 1s);
    EXPECT_EQ(answer, text);
    connection.disconnect().get();
}

TEST_P(NetworkFaults, ACallTooSlowForItsDeadlineEndsByItAndTheNextOneWorks) {
    FaultPlan slow;
    slow.down.bytes_per_second = 1024;
    const auto proxy = through(slow);
    MCPConnection connection("far", HttpTransport(url(*proxy)), quick());
    const auto client = connection.connect().get();
    CallOptions brief = within(Seconds(1));
    brief.max_total_timeout = Seconds(1);
    const auto began = std::chrono::steady_clock::now();
    const auto cut = client->call_tool("big", {{"bytes", 100'000}}, brief).wait();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
    ASSERT_TRUE(cut.has_error());
    EXPECT_NE(cut.error().disposition(), Disposition::not_sent);
    EXPECT_EQ(client->call_tool("echo", {{"text", "next"}}).get().text(), "next");
    connection.disconnect().get();
}

TEST_P(NetworkFaults, BytesThatComeOneByOneMakeTheSameMessages) {
    FaultyDirection sliced;
    sliced.slice = 1;
    const auto proxy = through(both_ways(sliced));
    MCPConnection connection("far", HttpTransport(url(*proxy)), quick());
    const auto client = connection.connect().get();
    const std::string text(3000, 'y');
    EXPECT_EQ(client->call_tool("echo", {{"text", text}}).get().text(), text);
    int steps = 0;
    CallOptions watched;
    watched.on_progress = [&](const Progress&) { ++steps; };
    client->call_tool("progress", {{"steps", 5}, {"ms", 1}}, watched).get();
    EXPECT_EQ(steps, 5);
    connection.disconnect().get();
}

TEST_P(NetworkFaults, CallsInABlackHoleEndByTheirDeadlineAndTheNextOneGoesAroundIt) {
    const auto proxy = through(FaultPlan());
    MCPConnection connection("far", HttpTransport(url(*proxy)), quick());
    const auto client = connection.connect().get();
    client->call_tool("echo", {{"text", "leaves a connection that rests"}}).get();
    proxy->swallow();
    const auto began = std::chrono::steady_clock::now();
    std::vector<Async<CallToolResult>> calls;
    CallOptions once = within(Seconds(0.5));
    once.max_attempts = 1;
    for (int i = 0; i < 5; ++i) calls.push_back(client->call_tool("effect", {{"key", "k" + std::to_string(i)}}, once));
    int swallowed = 0;
    for (int i = 0; i < 5; ++i) {
        const auto result = calls[static_cast<std::size_t>(i)].wait();
        const int ran = lines("k" + std::to_string(i));
        if (result.has_value()) {
            EXPECT_EQ(ran, 1);  // it went over a connection of its own
            continue;
        }
        ++swallowed;
        EXPECT_EQ(result.error().disposition(), Disposition::maybe_executed) << result.error().to_string();
    }
    EXPECT_GE(swallowed, 1);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1500ms);
    EXPECT_EQ(client->call_tool("echo", {{"text", "around"}}, within(Seconds(5))).get().text(), "around");
    EXPECT_LT(time_of([&] { connection.disconnect().get(); }), 5s);
}

TEST_P(NetworkFaults, ATlsServerThatDoesNotAnswerFailsTheConnectInTimeAndByName) {
    FaultPlan hole;
    hole.down.cut_after = 0;
    hole.cut = FaultPlan::Cut::black_hole;
    const auto proxy = through(hole);
    HttpOptions http;
    http.connect_timeout = Seconds(0.5);
    ConnectionOptions options = quick();
    options.auto_reconnect = false;
    options.connection_timeout = Seconds(3);
    MCPConnection connection("far", HttpTransport(url(*proxy, "https"), http), options);
    const auto began = std::chrono::steady_clock::now();
    const auto failed = connection.connect().wait();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3500ms);
    ASSERT_TRUE(failed.has_error());
    EXPECT_THAT(failed.error().to_string(), HasSubstr("far"));
    EXPECT_THAT(failed.error().to_string(), HasSubstr("no connection to 127.0.0.1:" + std::to_string(proxy->port())));
}

TEST_P(NetworkFaults, ConnectionsDroppedWhileTheyRestCostNoCall) {
    const auto proxy = through(FaultPlan());
    MCPConnection connection("far", HttpTransport(url(*proxy)), quick());
    const auto client = connection.connect().get();
    for (int i = 0; i < 50; ++i) {
        const std::string key = "rest" + std::to_string(i) + "-";
        const auto result = client->call_tool("effect", {{"key", key}}).wait();
        EXPECT_TRUE(result.has_value()) << i << ": " << result.error().to_string();
        EXPECT_EQ(lines(key), 1);
        proxy->reset_all();
    }
    EXPECT_EQ(connection.get_info().metadata.at("reconnects").to_number<int>(), 0);
    connection.disconnect().get();
}

TEST_P(NetworkFaults, ConnectionsClosedJustAsARequestIsWrittenAreToldTruly) {
    std::atomic<bool> racing = false;
    FaultProxy proxy(server_->port(), [&](int) {
        FaultPlan plan;
        plan.close_on_next_request = racing;
        return plan;
    });
    MCPConnection connection("far", HttpTransport(url(proxy)), quick());
    const auto client = connection.connect().get();
    racing = true;
    proxy.reset_all();
    CallOptions repeatable;
    repeatable.idempotent = true;
    repeatable.wait_for_ready = true;
    CallOptions once;
    once.wait_for_ready = true;
    int lost = 0;
    for (int i = 0; i < 30; ++i) {
        const std::string key = "race" + std::to_string(i) + "-";
        const auto result = client->call_tool("effect", {{"key", key}}, i % 2 == 0 ? repeatable : once).wait();
        // The server never saw the first try, which nobody can know here: only what may run twice is sent again.
        if (i % 2 == 0) EXPECT_TRUE(result.has_value()) << i << ": " << result.error().to_string();
        if (result.has_error()) EXPECT_EQ(result.error().disposition(), Disposition::maybe_executed);
        lost += result.has_error() ? 1 : 0;
        EXPECT_EQ(lines(key), result.has_value() ? 1 : 0);
    }
    EXPECT_GT(lost, 0);
    connection.disconnect().get();
}

TEST_P(NetworkFaults, AServerStartedAnewBehindASilentNetworkIsFoundAgain) {
    FaultProxy proxy(server_->port());
    const std::uint16_t port = server_->port();
    MCPConnection connection("far", HttpTransport(url(proxy)), quick());
    const auto client = connection.connect().get();
    proxy.swallow();
    server_->program().kill(SIGKILL);
    server_->program().wait();
    server_ = serve(port);
    CallOptions patient = within(Seconds(1));
    patient.idempotent = true;
    patient.max_total_timeout = Seconds(10);
    EXPECT_TRUE(eventually([&] { return client->call_tool("echo", {{"text", "a"}}, patient).wait().has_value(); }));
    connection.disconnect().get();
}

// Of SSE the session is the stream, whose end a silent network keeps from us: the first refusal has to do.
TEST(SilentNetwork, ARestartedSseServerIsKnownByItsFirstRefusal) {
    auto server = std::make_unique<ListeningServer>(Args{"--sse", "0"});
    const std::uint16_t port = server->port();
    FaultProxy proxy(port);
    MCPConnection connection("far", SseTransport("http://127.0.0.1:" + std::to_string(proxy.port()) + "/sse"), quick());
    const auto client = connection.connect().get();
    proxy.swallow();
    server->program().kill(SIGKILL);
    server->program().wait();
    server = std::make_unique<ListeningServer>(Args{"--sse", std::to_string(port)});
    // What went into the kept connection is lost with it. The next ones are refused, and so is the notice that the
    // first was given up: whichever refusal comes first ends the stream.
    CallOptions brief = within(Seconds(0.5));
    brief.wait_for_ready = true;
    const auto first = client->call_tool("echo", {{"text", "a"}}, brief).wait();
    if (first.has_error()) EXPECT_EQ(first.error().disposition(), Disposition::maybe_executed);
    CallOptions repeatable = within(Seconds(5));
    repeatable.idempotent = true;
    repeatable.wait_for_ready = true;
    EXPECT_EQ(client->call_tool("echo", {{"text", "b"}}, repeatable).get().text(), "b");
    EXPECT_EQ(connection.get_info().metadata.at("reconnects").to_number<int>(), 1);
    connection.disconnect().get();
}

INSTANTIATE_TEST_SUITE_P(Eras, NetworkFaults, ::testing::Values("legacy", "modern"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace haive::mcp::testing
