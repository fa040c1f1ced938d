// The host program dies, or the guardian does: no server outlives them.
#include "integration/support/program.hpp"
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using Pids = std::vector<pid_t>;

/// A host that holds five servers with families, and everybody's number.
struct Hosted {
    explicit Hosted(const std::string& mode, Args switches = {})
        : host(command(mode, std::move(switches))), servers(host.numbers("server", 5)) {
        if (mode.starts_with("hold")) EXPECT_TRUE(host.wait_for_line("ready")) << host.output();
        everybody = servers;
        for (const pid_t pid : host.numbers("stderr child", 5)) everybody.push_back(pid);
        for (const pid_t pid : host.numbers("stderr escaped", 5)) everybody.push_back(pid);
        EXPECT_EQ(everybody.size(), 15U) << host.output();
        if (!servers.empty()) guardian = parent_of(servers.front());
        EXPECT_EQ(facts_of(guardian)->name, "mcp-guardian");
    }
    static Args command(const std::string& mode, Args switches) {
        Args out{HAIVE_TEST_HOST, mode, HAIVE_TEST_SERVER, "--spawn-child", "--spawn-escaped"};
        out.insert(out.end(), switches.begin(), switches.end());
        return out;
    }
    [[nodiscard]] std::string left() const {
        std::string out;
        for (const pid_t pid : everybody) {
            if (const auto facts = facts_of(pid))
                out += std::to_string(pid) + " " + facts->name + " " + facts->state + "\n";
        }
        return out;
    }
    [[nodiscard]] bool all_gone() const {
        for (const pid_t pid : everybody) {
            if (!is_gone(pid)) return false;
        }
        return true;
    }

    Adoption adoption;  // the orphaned guardian becomes ours, and with it what it should leave behind
    Program host;
    Pids servers;
    Pids everybody;
    pid_t guardian = 0;
};

/// The guardian is the only orphan that reaches us, and it ends in order.
void expect_guardian_ends(pid_t guardian) { EXPECT_EQ(Adoption::end_of(guardian), 0); }

TEST(HostDeath, KillMinusNineTakesFiveServersAndTheirFamiliesAlong) {
    Hosted hosted("hold");
    hosted.host.kill(SIGKILL);
    EXPECT_TRUE(hosted.host.wait().has_value());
    EXPECT_TRUE(eventually([&] { return hosted.all_gone(); }, 2s)) << hosted.left();
    expect_guardian_ends(hosted.guardian);
}

TEST(HostDeath, StubbornServersDieTooWithinThreeSeconds) {
    Hosted hosted("hold", {"--ignore-term", "--ignore-eof"});
    hosted.host.kill(SIGKILL);
    EXPECT_TRUE(hosted.host.wait().has_value());
    EXPECT_TRUE(eventually([&] { return hosted.all_gone(); }, 3s)) << hosted.left();
    expect_guardian_ends(hosted.guardian);
}

TEST(HostDeath, ATerminatedHostLeavesNothing) {
    Hosted hosted("hold");
    hosted.host.kill(SIGTERM);
    EXPECT_TRUE(hosted.host.wait().has_value());
    EXPECT_TRUE(eventually([&] { return hosted.all_gone(); }, 3s)) << hosted.left();
    expect_guardian_ends(hosted.guardian);
}

TEST(HostDeath, AHostThatReturnsWithoutDisconnectingLeavesNothing) {
    Hosted hosted("hold");
    EXPECT_EQ(hosted.host.finish(), 0) << hosted.host.output();
    EXPECT_TRUE(eventually([&] { return hosted.all_gone(); }, 3s)) << hosted.left();
    expect_guardian_ends(hosted.guardian);
}

TEST(HostDeath, AHostThatExitsWithoutDestructorsLeavesNothing) {
    Hosted hosted("hold-exit");
    EXPECT_EQ(hosted.host.finish(), 0) << hosted.host.output();
    EXPECT_TRUE(eventually([&] { return hosted.all_gone(); }, 3s)) << hosted.left();
    expect_guardian_ends(hosted.guardian);
}

TEST(HostDeath, AServerThatStillStartsDiesWithTheHost) {
    Adoption adoption;
    Program host({HAIVE_TEST_HOST, "starting", HAIVE_TEST_SERVER, "--spawn-child", "--slow-start", "60"});
    const Pids children = host.numbers("stderr child", 1);
    ASSERT_EQ(children.size(), 1U);
    const pid_t server = facts_of(children[0])->group;
    const pid_t guardian = parent_of(server);
    host.kill(SIGKILL);
    EXPECT_TRUE(host.wait().has_value());
    EXPECT_TRUE(eventually([&] { return is_gone(server) && is_gone(children[0]); }, 2s));
    expect_guardian_ends(guardian);
}

TEST(HostDeath, AStoppedServerDiesWithTheHost) {
    Hosted hosted("hold");
    kill(hosted.servers[0], SIGSTOP);
    hosted.host.kill(SIGKILL);
    EXPECT_TRUE(hosted.host.wait().has_value());
    EXPECT_TRUE(eventually([&] { return hosted.all_gone(); }, 3s)) << hosted.left();
    expect_guardian_ends(hosted.guardian);
}

TEST(GuardianDeath, ItsServersDieAndTheConnectionHeals) {
    ConnectionOptions options = quick();
    options.runtime = Runtime::threaded();  // a guardian of its own: it is killed
    Served served({"--spawn-child"}, StdioOptions(), options);
    served.connect();
    const pid_t server = served.pid();
    const pid_t child = served.lines->number_after("child");
    const pid_t guardian = parent_of(server);
    ASSERT_EQ(facts_of(guardian)->name, "mcp-guardian");
    Adoption adoption;
    auto working = served.connection.get_client()->call_tool("sleep", {{"ms", 60000}}, within(Seconds(5)));
    (void)served.text("echo", {{"text", "it has read what came before"}});

    ASSERT_EQ(kill(guardian, SIGKILL), 0);
    const auto failed = working.wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::connection_lost) << failed.error().to_string();
    EXPECT_EQ(failed.error().disposition(), Disposition::maybe_executed);
    ASSERT_TRUE(served.log->wait_ready(2, 2s)) << served.log->story();
    EXPECT_NE(parent_of(served.pid()), guardian);
    EXPECT_EQ(facts_of(parent_of(served.pid()))->name, "mcp-guardian");
    EXPECT_EQ(served.text("echo", {{"text", "healed"}}), "healed");
    // Orphans of a dead guardian are adopted by us here: dead, but ours to reap.
    EXPECT_TRUE(Adoption::end_of(server).has_value());
    EXPECT_TRUE(Adoption::end_of(child).has_value());
    EXPECT_TRUE(eventually([&] { return is_gone(guardian); })) << "the dead guardian stays as a zombie";
}

TEST(GuardianDeath, DuringAStartIsOnlyAFailedAttempt) {
    ConnectionOptions options = quick();
    options.runtime = Runtime::threaded();
    Served served({"--slow-start", "0.3"}, StdioOptions(), options);
    served.connection.start_monitoring().get();
    Adoption adoption;
    const pid_t server = served.lines->number_after("haive-mcp-server");
    const pid_t guardian = parent_of(server);
    ASSERT_NE(guardian, 0);
    ASSERT_EQ(facts_of(guardian)->name, "mcp-guardian");
    ASSERT_EQ(kill(guardian, SIGKILL), 0);
    EXPECT_NO_THROW(served.connection.wait_until_connected(Seconds(10)).get()) << served.log->story();
    EXPECT_TRUE(Adoption::end_of(server).has_value());
}

}  // namespace
}  // namespace haive::mcp::testing
