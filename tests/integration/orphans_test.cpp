// Whatever a server has started ends with it, however it ends.
#include "integration/support/program.hpp"
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

struct Family {
    pid_t server = 0;
    pid_t child = 0;    // in the server's group
    pid_t escaped = 0;  // in a session of its own, and nobody's child
};

Family family_of(Served& served) {
    Family family{served.pid(), served.lines->number_after("child"), served.lines->number_after("escaped")};
    EXPECT_TRUE(is_alive(family.server));
    EXPECT_TRUE(is_alive(family.child));
    EXPECT_TRUE(is_alive(family.escaped));
    EXPECT_EQ(facts_of(family.child)->group, family.server);
    EXPECT_NE(facts_of(family.escaped)->session, facts_of(family.server)->session);
    return family;
}

bool all_gone(const Family& family) {
    return is_gone(family.server) && is_gone(family.child) && is_gone(family.escaped);
}

std::string what_is_left(const Family& family) {
    std::string out;
    for (const pid_t pid : {family.server, family.child, family.escaped}) {
        if (const auto facts = facts_of(pid)) {
            out += facts->name + " " + std::to_string(pid) + " is in state " + facts->state + ", child of " +
                   std::to_string(facts->parent) + "\n";
        }
    }
    return out;
}

const Args with_family{"--spawn-child", "--spawn-escaped"};

TEST(Orphans, EndWhenTheConnectionIsClosed) {
    Served served(with_family);
    served.connect();
    const Family family = family_of(served);
    served.connection.disconnect().get();
    EXPECT_TRUE(is_gone(family.server)) << "disconnect ends when the server is gone";
    EXPECT_TRUE(eventually([&] { return all_gone(family); }, 1s)) << what_is_left(family);
}

TEST(Orphans, EndWhenTheServerIsKilled) {
    ConnectionOptions options = quick();
    options.auto_reconnect = false;
    Served served(with_family, StdioOptions(), options);
    served.connect();
    const Family family = family_of(served);
    ASSERT_EQ(kill(family.server, SIGKILL), 0);
    EXPECT_TRUE(eventually([&] { return all_gone(family); }, 3s)) << what_is_left(family);
}

TEST(Orphans, OfTheDeadGenerationEndWhileTheNextOneLives) {
    Served served(with_family);
    served.connect();
    const Family family = family_of(served);
    ASSERT_EQ(kill(family.server, SIGKILL), 0);
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    EXPECT_TRUE(eventually([&] { return all_gone(family); }, 3s)) << what_is_left(family);
    EXPECT_EQ(served.text("echo", {{"text", "still here"}}), "still here");
}

TEST(Orphans, DoNotTakeAnotherServersFamilyAlong) {
    Served first(with_family);
    Served second(with_family);
    first.connect();
    second.connect();
    const Family doomed = family_of(first);
    const Family other = family_of(second);
    first.connection.disconnect().get();
    EXPECT_TRUE(eventually([&] { return all_gone(doomed); }, 1s)) << what_is_left(doomed);
    EXPECT_TRUE(is_alive(other.server) && is_alive(other.child) && is_alive(other.escaped)) << what_is_left(other);
}

/// `sh -c` and npm-like launchers: the server is not the process that was started.
TEST(Orphans, TheServerBehindALauncherEndsToo) {
    Served served({"-c", "\"$0\" --ignore-eof & echo \"inner $!\" >&2; wait", HAIVE_TEST_SERVER}, impatient(), quick(),
                  "sh");
    // The server behind `&` has /dev/null as its input, so this never connects: what matters is its end.
    auto connecting = served.connection.connect();
    const pid_t inner = served.lines->number_after("inner");
    ASSERT_NE(inner, 0);
    served.connection.disconnect().get();
    (void)connecting.wait();
    EXPECT_TRUE(eventually([&] { return is_gone(inner); }, 1s));
}

TEST(Orphans, AGrandchildThatHoldsThePipesDoesNotHideTheDeath) {
    // The escaped process keeps the server's stdout open: no end of file comes, only the exit.
    Served served(with_family);
    served.connect();
    const Family family = family_of(served);
    const auto killed = std::chrono::steady_clock::now();
    ASSERT_EQ(kill(family.server, SIGKILL), 0);
    SeenStatus lost;
    ASSERT_TRUE(served.log->wait_status(
        [](const SeenStatus& s) { return s.from == "connected" && s.to == "reconnecting"; }, &lost));
    EXPECT_LT(lost.at - killed, 500ms);
}

}  // namespace
}  // namespace haive::mcp::testing
