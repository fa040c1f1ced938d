// The very first moments of a runtime, and its last ones.
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

#include <atomic>

namespace haive::mcp::testing {
namespace {

TEST(RuntimeStart, AWaitIsAllowedBeforeTheLoopsThreadHasBegun) {
    for (int i = 0; i < 300; ++i) {
        ConnectionOptions options;
        options.runtime = Runtime::threaded();
        MCPConnection connection("first", StdioTransport("/no/such/server"), options);
        try {
            ASSERT_TRUE(connection.connect().wait().has_error());
        } catch (const std::logic_error& e) {
            FAIL() << "round " << i << ": " << e.what();
        }
    }
}

TEST(RuntimeStart, NothingRunsOnTheThreadThatMadeIt) {
    const auto here = std::this_thread::get_id();
    for (int i = 0; i < 300; ++i) {
        auto ran_here = std::make_shared<std::atomic<bool>>(false);
        ConnectionOptions options;
        options.runtime = Runtime::threaded();
        MCPConnection connection("first", StdioTransport("/no/such/server"), options);
        connection.set_event_listener([ran_here, here](const Event&) {
            if (std::this_thread::get_id() == here) *ran_here = true;
        });
        auto connecting = connection.connect();
        ASSERT_TRUE(eventually([&] { return connecting.is_done(); }));
        ASSERT_FALSE(*ran_here) << "round " << i << ": two threads in one loop";
    }
}

TEST(RuntimeEnd, LeavesNoDescriptorNoThreadNoProcess) {
    const auto threads = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); };
    const auto come_and_go = [] {
        ConnectionOptions options = quick();
        options.runtime = Runtime::threaded();
        Served closed(Args{}, StdioOptions(), options);
        closed.connect();
        closed.connection.disconnect().get();
        Served open(Args{}, StdioOptions(), options);
        open.connect();
    };
    come_and_go();
    std::size_t children = 0;
    ASSERT_TRUE(eventually([&, last = std::size_t{99}]() mutable {
        children = children_of(getpid()).size();
        return std::exchange(last, children) == children;
    }));
    const auto files = open_files();
    const auto before = threads();
    for (int i = 0; i < 5; ++i) come_and_go();
    EXPECT_TRUE(eventually([&] { return open_files() <= files; }, 5s)) << open_files() << " instead of " << files;
    EXPECT_TRUE(eventually([&] { return threads() <= before; }, 5s)) << threads() << " instead of " << before;
    EXPECT_TRUE(eventually([&] { return children_of(getpid()).size() <= children; }, 5s))
        << "children of ours are left";
}

}  // namespace
}  // namespace haive::mcp::testing
