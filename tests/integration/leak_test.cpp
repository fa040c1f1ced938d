// Coming and going two hundred times leaves nothing behind.
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

/// A runtime of the test's own, so that nobody else's comings and goings are counted.
ConnectionOptions counted(const std::shared_ptr<Runtime>& runtime) {
    ConnectionOptions options = quick();
    options.runtime = runtime;
    return options;
}

void expect_nothing_left(std::size_t files) {
    // Fewer is no leak: what an earlier test left may have closed meanwhile.
    EXPECT_TRUE(eventually([&] { return open_files() <= files; }, 5s)) << open_files() << " files instead of " << files;
    EXPECT_TRUE(eventually([] { return zombies_below(getpid()) == 0; }, 5s)) << zombies_below(getpid()) << " zombies";
}

TEST(Leak, TwoHundredConnectsAndDisconnects) {
    const auto runtime = Runtime::threaded();
    Served served({}, StdioOptions(), counted(runtime));
    served.connect();
    const pid_t guardian = parent_of(served.pid());
    served.connection.disconnect().get();
    const auto files = open_files();
    for (int i = 0; i < 200; ++i) {
        served.connect();
        EXPECT_EQ(parent_of(served.pid()), guardian);
        served.connection.disconnect().get();
    }
    expect_nothing_left(files);
    EXPECT_TRUE(eventually([&] { return children_of(guardian).empty(); }));
}

TEST(Leak, AHundredConnectionObjects) {
    const auto runtime = Runtime::threaded();
    Served(Args{}, StdioOptions(), counted(runtime)).connect();
    ASSERT_TRUE(eventually([] { return zombies_below(getpid()) == 0; }));
    std::size_t files = 0;
    ASSERT_TRUE(eventually([&, last = std::size_t{0}]() mutable {
        files = open_files();
        return std::exchange(last, files) == files;
    }));
    for (int i = 0; i < 100; ++i) {
        Served served({}, StdioOptions(), counted(runtime));
        served.connect();
    }
    expect_nothing_left(files);
}

TEST(Leak, AHundredCrashes) {
    const auto runtime = Runtime::threaded();
    ConnectionOptions options = counted(runtime);
    options.max_reconnect_attempts = -1;
    options.reconnect_delay = Seconds(0.001);
    options.max_reconnect_delay = Seconds(0.001);
    Served served({}, StdioOptions(), options);
    served.connect();
    std::vector<pid_t> dead;
    std::size_t files = 0;
    for (std::uint64_t i = 1; i <= 100; ++i) {
        if (i == 10) files = open_files();
        dead.push_back(served.pid());
        ASSERT_EQ(kill(dead.back(), SIGKILL), 0);
        ASSERT_TRUE(served.log->wait_ready(i + 1)) << served.log->story();
    }
    expect_nothing_left(files);
    for (const pid_t pid : dead) EXPECT_TRUE(is_gone(pid) || parent_of(pid) != parent_of(served.pid()));
}

TEST(Leak, AHundredFailedStarts) {
    const auto runtime = Runtime::threaded();
    ConnectionOptions options = counted(runtime);
    options.auto_reconnect = false;
    Served served({"--exit-before-handshake"}, StdioOptions(), options);
    EXPECT_TRUE(served.connection.connect().wait().has_error());
    served.connection.disconnect().get();
    const auto files = open_files();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(served.connection.connect().wait().has_error());
    served.connection.disconnect().get();
    expect_nothing_left(files);
}

TEST(Leak, CallsThatWereGivenUpLeaveNothingInTheTables) {
    Served served({"--hang-after", "1"}, impatient());
    const auto client = served.connect();
    (void)served.text("echo", {{"text", "x"}});
    for (int i = 0; i < 500; ++i) {
        auto call = client->call_tool("echo", {{"text", "x"}});
        call.cancel();
        EXPECT_EQ(call.wait().error().kind(), ErrorKind::cancelled);
    }
    // With a full table (1,024 and more in flight) the next ones would be refused as queue_full.
    for (int i = 0; i < 1500; ++i) {
        auto call = client->call_tool("echo", {{"text", "x"}});
        call.cancel();
        ASSERT_EQ(call.wait().error().kind(), ErrorKind::cancelled);
    }
}

}  // namespace
}  // namespace haive::mcp::testing
