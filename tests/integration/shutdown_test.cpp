// How servers are ended: asked first, then told, then killed, all of them side by side.
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

std::chrono::milliseconds disconnect_time(Served& served) {
    return time_of([&] { served.connection.disconnect().get(); });
}

TEST(Shutdown, AServerEndsByItselfWhenItsInputDoes) {
    Served served({"--ignore-term"});
    served.connect();
    const pid_t pid = served.pid();
    EXPECT_LT(disconnect_time(served), 1500ms) << "it needs no signal";
    EXPECT_TRUE(is_gone(pid)) << "disconnect ends when the server is gone";
    EXPECT_EQ(served.connection.status(), ConnectionStatus::disconnected);
}

TEST(Shutdown, OneThatIgnoresTheEndOfItsInputIsTermed) {
    Served served({"--ignore-eof"}, impatient(300ms, 5s));
    served.connect();
    const pid_t pid = served.pid();
    const auto took = disconnect_time(served);
    EXPECT_GE(took, 290ms);
    EXPECT_LT(took, 3s);
    EXPECT_TRUE(is_gone(pid));
}

TEST(Shutdown, OneThatIgnoresTermTooIsKilled) {
    Served served({"--ignore-eof", "--ignore-term"}, impatient(200ms, 300ms));
    served.connect();
    const pid_t pid = served.pid();
    const auto took = disconnect_time(served);
    EXPECT_GE(took, 490ms);
    EXPECT_LT(took, 3s);
    EXPECT_TRUE(is_gone(pid));
}

TEST(Shutdown, TheUsualPatienceIsTwoSecondsAndThreeMore) {
    Served polite({"--ignore-eof"});
    Served stubborn({"--ignore-eof", "--ignore-term"});
    polite.connect();
    stubborn.connect();
    auto first = polite.connection.disconnect();
    const auto both = time_of([&] {
        auto second = stubborn.connection.disconnect();
        const auto one = time_of([&] { first.get(); });
        EXPECT_GE(one, 1900ms);
        EXPECT_LT(one, 3500ms);
        second.get();
    });
    EXPECT_GE(both, 4900ms);
    EXPECT_LT(both, 6500ms);
}

TEST(Shutdown, AStoppedServerIsKilled) {
    Served served({}, impatient());
    served.connect();
    const pid_t pid = served.pid();
    ASSERT_EQ(kill(pid, SIGSTOP), 0);
    EXPECT_LT(disconnect_time(served), 3s);
    EXPECT_TRUE(is_gone(pid));
}

TEST(Shutdown, AServerThatStillStartsIsClosedToo) {
    Served served({"--slow-start", "60"}, impatient());
    auto connecting = served.connection.connect();
    const pid_t pid = served.lines->number_after("haive-mcp-server");
    ASSERT_NE(pid, 0);
    EXPECT_LT(disconnect_time(served), 3s);
    EXPECT_TRUE(connecting.wait().has_error());
    EXPECT_TRUE(is_gone(pid));
    EXPECT_EQ(served.connection.status(), ConnectionStatus::disconnected);
}

TEST(Shutdown, DisconnectRightAfterConnectLeavesNothing) {
    for (int i = 0; i < 20; ++i) {
        Served served({}, impatient());
        auto connecting = served.connection.connect();
        served.connection.disconnect().get();
        (void)connecting.wait();
        EXPECT_EQ(served.connection.status(), ConnectionStatus::disconnected);
        const pid_t pid = served.pid();
        EXPECT_TRUE(pid == 0 || is_gone(pid));
    }
}

TEST(Shutdown, TwentyServersHalfOfThemStubbornEndTogether) {
    std::vector<std::unique_ptr<Served>> all;
    std::vector<pid_t> pids;
    for (int i = 0; i < 20; ++i) {
        all.push_back(std::make_unique<Served>(i % 2 == 0 ? Args{} : Args{"--ignore-term", "--ignore-eof"}));
    }
    std::vector<Async<std::shared_ptr<MCPClient>>> connecting;
    for (auto& one : all) connecting.push_back(one->connection.connect());
    for (auto& one : connecting) one.get();
    for (auto& one : all) pids.push_back(one->pid());
    const auto took = time_of([&] {
        std::vector<Async<void>> closing;
        for (auto& one : all) closing.push_back(one->connection.disconnect());
        for (auto& one : closing) one.get();
    });
    EXPECT_LT(took, 7s);
    for (const pid_t pid : pids) EXPECT_TRUE(is_gone(pid)) << pid;
}

TEST(Shutdown, TheDestructorAloneLeavesNothingAlive) {
    std::vector<pid_t> pids;
    {
        Served polite;
        Served stubborn({"--ignore-eof", "--ignore-term"}, impatient());
        Served busy({}, impatient());
        for (Served* one : {&polite, &stubborn, &busy}) {
            one->connect();
            pids.push_back(one->pid());
        }
        auto forgotten = busy.connection.get_client()->call_tool("sleep", {{"ms", 60000}});
        const auto took = time_of([&] { auto gone = std::move(busy.connection); });
        EXPECT_LT(took, 500ms) << "it does not wait";
        const auto ended = forgotten.wait();
        ASSERT_TRUE(ended.has_error());
        EXPECT_EQ(ended.error().kind(), ErrorKind::shutdown) << ended.error().to_string();
    }
    for (const pid_t pid : pids) EXPECT_TRUE(eventually([&] { return is_gone(pid); })) << pid;
}

TEST(Shutdown, CallsInFlightEndWithAVerdict) {
    Served served;
    const auto client = served.connect();
    auto working = client->call_tool("sleep", {{"ms", 60000}});
    (void)served.text("echo", {{"text", "it has read what came before"}});
    served.connection.disconnect().get();
    const auto ended = working.wait();
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::shutdown) << ended.error().to_string();
    EXPECT_EQ(ended.error().disposition(), Disposition::maybe_executed);
}

TEST(Shutdown, AServerThatWritesWithoutEndIsStillClosed) {
    Served served({"--stderr-flood", "4194304", "--notify-flood", "20000"}, impatient(2s, 2s));
    const auto client = served.connect();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(client->call_tool("echo", {{"text", "x"}}));
    const pid_t pid = served.pid();
    EXPECT_LT(disconnect_time(served), 8s);
    EXPECT_TRUE(is_gone(pid));
    for (auto& call : calls) (void)call.wait();
}

TEST(Shutdown, NoReplacementStartsBeforeTheOldOneIsGone) {
    Served served({"--ignore-eof", "--ignore-term"}, impatient(100ms, 200ms));
    served.connect();
    const pid_t old = served.pid();
    std::atomic<bool> old_was_there{false};
    served.connection.set_event_listener([&, log = served.log](const Event& event) {
        const auto* status = std::get_if<StatusEvent>(&event.what);
        if (status != nullptr && status->phase == "handshaking" && !is_gone(old)) old_was_there = true;
        log->add(event);
    });
    EXPECT_NE(served.connection.reconnect().get(), nullptr);
    EXPECT_NE(served.pid(), old);
    EXPECT_FALSE(old_was_there) << served.log->story();
    served.connection.disconnect().get();
}

}  // namespace
}  // namespace haive::mcp::testing
