// Servers leave: one by one, all at once, and while somebody still looks at them.
#include "manager/manager_core.hpp"
#include "support/fleet_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

/// A server with a call that never ends: it is not done with what is under way.
struct Busy {
    explicit Busy(FleetWorld& world) : w(world) {
        w.run(w.manager->apply(w.entries({"s"})));
        w.run(w.manager->start_all());
        w.server("s").script->on_request = never_answers("tools/call");
        call.emplace(w.manager->client("s")->call_tool("echo"));
        w.advance(10ms);
    }
    void expect_closed_in_time() {
        const TimePoint began = w.now();
        w.run(w.manager->close(10s));
        EXPECT_LE(w.now() - began, 10s);
        EXPECT_EQ(w.server("s").wire->live, 0);
        EXPECT_TRUE(call->is_done());
    }
    FleetWorld& w;
    std::optional<Async<CallToolResult>> call;
};

TEST(FleetClosing, TakesAlongWhatWasRemovedBefore) {
    FleetWorld w;
    Busy busy(w);
    w.run(w.manager->apply({}));
    w.advance(1s);
    EXPECT_EQ(w.server("s").wire->live, 1) << "its call may still take half a minute";
    busy.expect_closed_in_time();
}

TEST(FleetClosing, TakesAlongWhatIsBeingRemoved) {
    FleetWorld w;
    Busy busy(w);
    auto removing = w.manager->remove("s");
    w.advance(1s);
    EXPECT_FALSE(removing.is_done());
    busy.expect_closed_in_time();
    EXPECT_TRUE(removing.is_done());
}

TEST(FleetClosing, TakesAlongWhatDoesNotWantToEnd) {
    FleetWorld w;
    w.run(w.manager->apply(w.entries({"s"})));
    w.run(w.manager->start_all());
    w.server("s").wire->close_takes = 6s;
    w.run(w.manager->apply({}));
    w.advance(1s);
    const TimePoint began = w.now();
    w.run(w.manager->close(10s));
    EXPECT_LE(w.now() - began, 10s);
    EXPECT_EQ(w.server("s").wire->live, 0);
}

TEST(FleetClosing, GoingAwayTakesAlongWhatWasRemovedBefore) {
    FleetWorld w;
    Busy busy(w);
    w.run(w.manager->apply({}));
    w.manager.reset();
    w.advance(10s);
    EXPECT_EQ(w.server("s").wire->live, 0);
}

/// Ends with whoever holds it, and says on which thread.
struct LastWord {
    explicit LastWord(std::promise<std::thread::id>& p) : said(p) {}
    ~LastWord() { said.set_value(std::this_thread::get_id()); }
    LastWord(const LastWord&) = delete;
    LastWord& operator=(const LastWord&) = delete;
    std::promise<std::thread::id>& said;
};

UpstreamConfig scripted(const std::string& name, const std::string& version) {
    UpstreamConfig out;
    out.name = name;
    out.transport = std::make_shared<MemoryTransport>(scripted_transport(std::make_shared<Script>()));
    out.fingerprint = version;
    return out;
}

/// Whoever looks at a server for a moment may be the last to let go of it.
TEST(FleetClosing, AServerEndsOnItsLoopWhoeverLetsGo) {
    auto runtime = Runtime::threaded();
    ManagerOptions options;
    options.runtime = runtime;
    auto core = std::make_shared<ManagerCore>(options);
    std::vector<UpstreamConfig> servers;
    servers.push_back(scripted("s", "1"));
    start<ApplyReport>(runtime->loop(), core->apply(std::move(servers))).get();
    auto held = core->find("s");
    ASSERT_TRUE(held);
    std::promise<std::thread::id> said;
    std::promise<std::thread::id> loops;
    runtime->loop().post([&] {
        loops.set_value(std::this_thread::get_id());
        held->on_event = [word = std::make_shared<LastWord>(said)](const Event&) {};
    });
    const auto loop_thread = loops.get_future().get();
    start<bool>(runtime->loop(), core->remove("s")).get();
    std::promise<void> settled;
    runtime->loop().post([&] { settled.set_value(); });
    settled.get_future().get();
    held.reset();
    EXPECT_EQ(said.get_future().get(), loop_thread);
    start<void>(runtime->loop(), core->close(Duration(1s))).get();
}

/// For the thread sanitizer: lookers-on on two threads while the list changes all the time.
TEST(FleetClosing, LookersOnMeetAListThatChanges) {
    ManagerOptions options;
    options.runtime = Runtime::threaded();
    MCPManager manager(options);
    std::atomic<bool> done = false;
    auto look = [&] {
        while (!done) {
            for (const auto& each : manager.upstreams()) (void)manager.explain(each.name);
            (void)manager.health();
            if (auto client = manager.client("s1")) (void)client->is_connected();
        }
    };
    std::thread one(look);
    std::thread two(look);
    for (int round = 0; round < 50; ++round) {
        std::vector<UpstreamConfig> servers;
        for (int i = 0; i < 4; ++i) servers.push_back(scripted("s" + std::to_string(i), std::to_string(round + i % 2)));
        manager.apply(std::move(servers)).get();
        if (round % 5 == 0) manager.start_all(Seconds(10)).get();
    }
    done = true;
    one.join();
    two.join();
    manager.close().get();
}

}  // namespace
}  // namespace haive::mcp::testing
