// A server that does not read: its calls end in time, with the truth about what left.
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

const std::string one_megabyte(std::size_t{1} << 20, 'm');

Error failure_of(Async<CallToolResult> call) {
    const auto result = call.wait();
    EXPECT_TRUE(result.has_error());
    return result.has_error() ? result.error() : Error();
}

TEST(NeverRead, ASmallCallThatTheKernelTookMayHaveRun) {
    Served served({"--never-read"}, impatient());
    const auto client = served.connect();
    const Error error = failure_of(client->call_tool("echo", {{"text", "x"}}, within(Seconds(0.2))));
    EXPECT_EQ(error.kind(), ErrorKind::idle_timeout);
    EXPECT_EQ(error.disposition(), Disposition::maybe_executed);
}

TEST(NeverRead, CallsBehindAFullPipeWereNotSent) {
    Served served({"--never-read"}, impatient());
    const auto client = served.connect();
    auto filling = client->call_tool("echo", {{"text", one_megabyte + one_megabyte}}, within(Seconds(1)));
    std::vector<Async<CallToolResult>> behind;
    for (int i = 0; i < 10; ++i) behind.push_back(client->call_tool("echo", {{"text", "x"}}, within(Seconds(0.3))));
    const auto took = time_of([&] {
        for (auto& call : behind) {
            const Error error = failure_of(std::move(call));
            EXPECT_EQ(error.kind(), ErrorKind::idle_timeout);
            EXPECT_EQ(error.disposition(), Disposition::not_sent) << error.to_string();
        }
    });
    EXPECT_LT(took, 2s);
    EXPECT_EQ(failure_of(std::move(filling)).kind(), ErrorKind::idle_timeout);
}

TEST(NeverRead, ACallThatNeverLeftWholeWasNotSentWhenTheServerDies) {
    ConnectionOptions options = quick();
    options.auto_reconnect = false;
    Served served({"--never-read"}, impatient(), options);
    const auto client = served.connect();
    auto begun = client->call_tool("echo", {{"text", one_megabyte + one_megabyte}});
    CallOptions once;
    once.max_attempts = 1;
    auto behind = client->call_tool("echo", {{"text", "x"}}, once);
    ASSERT_TRUE(served.connection.stop_monitoring().wait().has_value());  // through the loop: the frame has been begun
    ASSERT_EQ(kill(served.pid(), SIGKILL), 0);
    EXPECT_EQ(failure_of(std::move(begun)).disposition(), Disposition::not_sent);
    EXPECT_EQ(failure_of(std::move(behind)).disposition(), Disposition::not_sent);
}

TEST(NeverRead, WhatWasNotSentIsSentAgainToTheNextGeneration) {
    Served served({"--never-read"}, impatient());
    const auto client = served.connect();
    auto begun = client->call_tool("echo", {{"text", one_megabyte + one_megabyte}}, within(Seconds(2)));
    ASSERT_TRUE(served.connection.stop_monitoring().wait().has_value());  // through the loop: the frame has been begun
    ASSERT_EQ(kill(served.pid(), SIGKILL), 0);
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    const Error error = failure_of(std::move(begun));
    EXPECT_GE(error.details().attempts, 2) << error.to_string();
}

TEST(NeverRead, TheOutboxIsBounded) {
    StdioOptions stdio = impatient();
    stdio.max_outbox_bytes = std::size_t{3} << 20;
    Served served({"--never-read"}, stdio);
    const auto client = served.connect();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 10; ++i) {
        CallOptions options = within(Seconds(0.5));
        options.max_attempts = 1;
        calls.push_back(client->call_tool("echo", {{"text", one_megabyte}}, options));
    }
    int refused = 0;
    for (auto& call : calls) {
        const Error error = failure_of(std::move(call));
        if (error.kind() != ErrorKind::queue_full) continue;
        ++refused;
        EXPECT_EQ(error.disposition(), Disposition::not_sent);
        EXPECT_LT(error.details().elapsed, std::chrono::milliseconds(400)) << "at once, not by the limit";
    }
    EXPECT_GE(refused, 5);
    EXPECT_LE(refused, 8);
}

TEST(NeverRead, OneMessageLargerThanTheOutboxIsStillSendable) {
    StdioOptions stdio;
    stdio.max_outbox_bytes = 64 << 10;
    Served served({}, stdio);
    served.connect();
    EXPECT_TRUE(served.text("echo", {{"text", one_megabyte}}) == one_megabyte);
}

TEST(NeverRead, OtherConnectionsAreNotAffected) {
    Served stuck({"--never-read"}, impatient());
    Served fine;
    const auto client = stuck.connect();
    fine.connect();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 3; ++i)
        calls.push_back(client->call_tool("echo", {{"text", one_megabyte}}, within(Seconds(0.5))));
    const auto took = time_of([&] {
        for (int i = 0; i < 100; ++i) EXPECT_EQ(fine.text("echo", {{"text", "y"}}), "y");
    });
    EXPECT_LT(took, 2s);
    for (auto& call : calls) EXPECT_TRUE(call.wait().has_error());
}

TEST(NeverRead, FromTheStartEndsByTheConnectTimeoutAndSaysSo) {
    Served served({"--never-read-at-start"}, impatient());
    const auto failed = served.connection.connect(Seconds(0.4)).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::deadline_exceeded);
    EXPECT_THAT(failed.error().message(), ::testing::HasSubstr("has not read its input"));
}

TEST(NeverRead, ASlowStartIsNotTakenForAnOldServer) {
    // Three seconds of silence are longer than the era probe waits; its clock starts with the first sign of life.
    Served served({"--slow-start", "3"});
    EXPECT_EQ(served.connect()->facts()->era, Era::modern);
    EXPECT_EQ(served.generation(), 1U);
}

}  // namespace
}  // namespace haive::mcp::testing
