// A server that dies or hangs: noticed at once, told truly, replaced.
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <gmock/gmock.h>

#include <future>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

/// A call that the server is working on: it has reported progress already.
Async<CallToolResult> call_at_work(Served& served) {
    auto seen = std::make_shared<std::promise<void>>();
    CallOptions options;
    options.on_progress = [seen, told = std::make_shared<bool>(false)](const Progress&) {
        if (!std::exchange(*told, true)) seen->set_value();
    };
    auto call = served.connection.get_client()->call_tool("progress", {{"steps", 1000}, {"ms", 20}}, options);
    EXPECT_EQ(seen->get_future().wait_for(10s), std::future_status::ready);
    return call;
}

TEST(Crash, OfAnIdleServerIsSeenAtOnceAndHealed) {
    Served served;
    served.connect();
    const pid_t old = served.pid();
    const auto killed = std::chrono::steady_clock::now();
    ASSERT_EQ(kill(old, SIGKILL), 0);
    SeenStatus lost;
    ASSERT_TRUE(
        served.log->wait_status([](const SeenStatus& s) { return s.from == "connected" && s.to != s.from; }, &lost));
    EXPECT_LT(lost.at - killed, 500ms);
    EXPECT_EQ(lost.to, "reconnecting");
    EXPECT_EQ(lost.pid, old);
    EXPECT_THAT(lost.reason, HasSubstr("signal 9 (SIGKILL)"));
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    EXPECT_NE(served.pid(), old);
    EXPECT_EQ(served.generation(), 2U);
    EXPECT_EQ(served.text("echo", {{"text", "back"}}), "back");
    EXPECT_TRUE(eventually([&] { return served.log->count_note("session replaced") == 1; }));
    EXPECT_TRUE(eventually([&] { return is_gone(old); }));
}

TEST(Crash, TellsACallInFlightThatItMayHaveRun) {
    Served served;
    served.connect();
    auto call = call_at_work(served);
    const auto took = time_of([&] {
        ASSERT_EQ(kill(served.pid(), SIGKILL), 0);
        const auto failed = call.wait();
        ASSERT_TRUE(failed.has_error());
        EXPECT_EQ(failed.error().kind(), ErrorKind::connection_lost);
        EXPECT_EQ(failed.error().disposition(), Disposition::maybe_executed);
        EXPECT_EQ(failed.error().details().exit_signal, SIGKILL);
        EXPECT_TRUE(failed.error().details().started);
        EXPECT_THAT(failed.error().to_string(), HasSubstr("verify before repeating"));
    });
    EXPECT_LT(took, 1s);
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
}

TEST(Crash, OfEveryKindIsToldApart) {
    struct Death {
        const char* signal;
        int number;
    };
    for (const Death death : {Death{"SEGV", SIGSEGV}, Death{"ABRT", SIGABRT}, Death{"TERM", SIGTERM}}) {
        Served served({"--die-before-answer", "1", "--die-signal", death.signal});
        served.connect();
        const auto failed = served.connection.get_client()->call_tool("sleep", {{"ms", 1}}).wait();
        ASSERT_TRUE(failed.has_error());
        EXPECT_EQ(failed.error().details().exit_signal, death.number);
        EXPECT_EQ(failed.error().disposition(), Disposition::maybe_executed);
    }
    Served served({"--die-before-answer", "1", "--exit-code", "42"});
    served.connect();
    const auto failed = served.connection.get_client()->call_tool("sleep", {{"ms", 1}}).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().details().exit_code, 42);
}

TEST(Crash, AnAnswerThatWasWrittenBeforeTheDeathArrives) {
    for (int i = 0; i < 10; ++i) {
        Served served({"--die-after", "1"});
        served.connect();
        EXPECT_EQ(served.text("echo", {{"text", "last words"}}), "last words");
    }
}

TEST(Crash, HalfAnAnswerIsNoAnswer) {
    Served served({"--half-line-die", "2"});  // the first answer is the handshake's
    served.connect();
    const auto failed = served.connection.get_client()->call_tool("echo", {{"text", "cut"}}).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::connection_lost) << failed.error().to_string();
    EXPECT_EQ(failed.error().disposition(), Disposition::maybe_executed);
}

TEST(Crash, NeverRunsAToolTwiceByItself) {
    TempFolder folder;
    Served served({"--ledger", folder.at("ledger"), "--die-before-answer", "1"});
    served.connect();
    const auto failed = served.connection.get_client()->call_tool("effect", {{"key", "once"}}).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().disposition(), Disposition::maybe_executed);
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    EXPECT_EQ(folder.lines_of("ledger").size(), 1U);
}

TEST(Crash, AServerThatDiesAfterEachHandshakeIsGivenUpAfterFiveAttempts) {
    Served served({"--die-after-handshake", "0.01", "--exit-code", "9"});
    served.connect();
    ASSERT_TRUE(served.log->wait_phase("exhausted")) << served.log->story();
    EXPECT_EQ(served.connection.status(), ConnectionStatus::error);
    EXPECT_EQ(served.log->count_phase("opening"), 6) << "the first, and five on their own\n" << served.log->story();
    EXPECT_EQ(served.counter("connection_count"), 6U);
    const auto explanation = served.connection.explain();
    EXPECT_THAT(explanation.to_string(), HasSubstr("exit code 9"));
    EXPECT_EQ(served.connection.reconnect().get(), nullptr) << "only connect() starts afresh";
    EXPECT_NO_THROW(served.connect());
}

TEST(Crash, WithoutAutoReconnectStaysDownAndSaysWhy) {
    ConnectionOptions options = quick();
    options.auto_reconnect = false;
    Served served({}, StdioOptions(), options);
    const auto client = served.connect();
    kill(served.pid(), SIGKILL);
    ASSERT_TRUE(eventually([&] { return served.connection.status() == ConnectionStatus::error; }));
    const auto refused = client->call_tool("echo", {{"text", "x"}}).wait();
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().kind(), ErrorKind::not_connected);
    EXPECT_EQ(refused.error().disposition(), Disposition::not_sent);
    EXPECT_EQ(refused.error().details().exit_signal, SIGKILL);
    EXPECT_NE(served.connection.reconnect().get(), nullptr);
}

TEST(Crash, ACallMadeDuringTheOutageWaitsWhenAskedTo) {
    ConnectionOptions options = quick();
    options.reconnect_delay = Seconds(0.2);
    options.max_reconnect_delay = Seconds(0.2);
    Served served({}, StdioOptions(), options);
    const auto client = served.connect();
    kill(served.pid(), SIGKILL);
    ASSERT_TRUE(served.log->wait_phase("backoff"));
    CallOptions patient;
    patient.wait_for_ready = true;
    EXPECT_EQ(client->call_tool("echo", {{"text", "waited"}}, patient).get().text(), "waited");
}

ConnectionOptions probing() {
    ConnectionOptions options = quick();
    options.health_check_interval = Seconds(0.4);
    options.ping_timeout = Seconds(0.1);
    return options;
}

TEST(Hang, AStoppedServerIsFoundByProbesAndReplaced) {
    Served served({}, impatient(), probing());
    served.connect();
    served.connection.start_monitoring().get();
    const pid_t old = served.pid();
    ASSERT_EQ(kill(old, SIGSTOP), 0);
    ASSERT_TRUE(served.log->wait_ready(2, 20s)) << served.log->story();
    EXPECT_NE(served.pid(), old);
    EXPECT_TRUE(is_gone(old));
    EXPECT_EQ(served.text("echo", {{"text", "fresh"}}), "fresh");
}

TEST(Hang, AServerThatStopsAnsweringIsReplacedAndItsCallToldSo) {
    Served served({"--hang-after", "1"}, impatient(), probing());
    served.connect();
    served.connection.start_monitoring().get();
    EXPECT_EQ(served.text("echo", {{"text", "one"}}), "one");
    const auto failed = served.connection.get_client()->call_tool("echo", {{"text", "two"}}, within(Seconds(1))).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().disposition(), Disposition::maybe_executed);
    ASSERT_TRUE(served.log->wait_ready(2, 20s)) << served.log->story();
}

TEST(Hang, AServerThatClosesItsOutputButLivesIsReplaced) {
    Served served({"--close-stdout-after", "1"}, impatient());
    served.connect();
    const pid_t old = served.pid();
    EXPECT_EQ(served.text("echo", {{"text", "one"}}), "one");
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    EXPECT_TRUE(is_gone(old));
}

TEST(Hang, AServerThatDoesNotKnowPingIsHealthy) {
    Served served({"--era", "legacy", "--no-ping"}, StdioOptions(), probing());
    served.connect();
    served.connection.start_monitoring().get();
    ASSERT_TRUE(eventually([&] { return served.log->count_note("health ok") >= 3; }));
    EXPECT_TRUE(served.connection.is_healthy());
    EXPECT_EQ(served.generation(), 1U);
}

}  // namespace
}  // namespace haive::mcp::testing
