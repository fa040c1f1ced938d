// Handles that go while what they began is still to begin: the program's thread is ahead of the loop's. Some of these
// fail under AddressSanitizer only.
#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/manager/manager.hpp"
#include "haive/mcp/pool/pool.hpp"
#include "support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

/// A loop that does nothing for as long as the test wants.
class HeldLoop {
public:
    explicit HeldLoop(Runtime& runtime) {
        runtime.loop().post([go_on = go_on_.get_future().share()] { go_on.wait(); });
    }
    void go_on() { go_on_.set_value(); }

private:
    std::promise<void> go_on_;
};

void settle(Runtime& runtime) {
    std::promise<void> settled;
    runtime.loop().post([&] { settled.set_value(); });
    settled.get_future().get();
}

ConnectionOptions on(const std::shared_ptr<Runtime>& runtime) {
    ConnectionOptions out;
    out.runtime = runtime;
    return out;
}

TEST(HandleLifetimes, APingNeedsItsClientNoMore) {
    auto runtime = Runtime::threaded();
    MemoryTransport transport = scripted_transport(std::make_shared<Script>());
    ManagerOptions options;
    options.runtime = runtime;
    MCPManager manager(options);
    UpstreamConfig server;
    server.name = "s";
    server.transport = std::make_shared<MemoryTransport>(transport);
    manager.add(std::move(server)).get();
    EXPECT_EQ(manager.start("s", Seconds(10)).get().outcome, StartResult::Outcome::ready);
    MCPPool pool("p", transport, PoolOptions(), on(runtime));
    MCPConnection connection("c", transport, on(runtime));
    connection.connect().get();
    auto bare = MCPClient::open(transport, ClientOptions(), Seconds(10), runtime).get();

    HeldLoop held(*runtime);
    auto of_server = manager.client("s")->ping();
    auto of_pool = pool.client()->ping();
    auto of_connection = connection.get_client()->ping();
    auto of_bare = bare->ping();
    bare.reset();
    held.go_on();
    EXPECT_GT(of_server.get(), Duration::zero());
    EXPECT_GT(of_pool.get(), Duration::zero());
    EXPECT_GT(of_connection.get(), Duration::zero());
    (void)of_bare.wait();
    manager.close().get();
}

TEST(HandleLifetimes, AClientIsClosedThoughItsConnectionIsGone) {
    auto runtime = Runtime::threaded();
    auto options = on(runtime);
    options.auto_reconnect = false;
    auto connection =
        std::make_unique<MCPConnection>("c", scripted_transport(std::make_shared<Script>()), std::move(options));
    const auto client = connection->connect().get();
    connection->disconnect().get();
    HeldLoop held(*runtime);
    connection.reset();
    auto closing = client->close();
    held.go_on();
    (void)closing.wait();
}

TEST(HandleLifetimes, WhatWasAskedOfAManagerThatIsGoneEnds) {
    auto runtime = Runtime::threaded();
    ManagerOptions options;
    options.runtime = runtime;
    auto manager = std::make_unique<MCPManager>(options);
    HeldLoop held(*runtime);
    // Let go on the loop's own thread, ahead of what other threads have posted.
    runtime->loop().post([&] { manager.reset(); });
    auto asked = manager->apply({});
    held.go_on();
    (void)asked.wait();
    settle(*runtime);
}

TEST(HandleLifetimes, AListenerIsNotCalledOnceItsOwnerIsGone) {
    auto runtime = Runtime::threaded();
    std::atomic<bool> gone{false};
    std::atomic<int> heard{0};
    const auto listen = [&](const Event&) {
        EXPECT_FALSE(gone);
        ++heard;
    };
    {
        MCPConnection connection("c", scripted_transport(std::make_shared<Script>()), on(runtime));
        connection.set_event_listener(listen);
        connection.connect().get();
    }
    gone = true;
    settle(*runtime);
    EXPECT_GT(heard, 0);
    gone = false;
    {
        ManagerOptions options;
        options.runtime = runtime;
        MCPManager manager(options);
        manager.set_event_listener(listen);
        manager.set_catalogue_listener([&](const Catalogue&, const CatalogueDiff&) { EXPECT_FALSE(gone); });
        UpstreamConfig server;
        server.name = "s";
        server.transport = std::make_shared<MemoryTransport>(scripted_transport(std::make_shared<Script>()));
        manager.add(std::move(server)).get();
        manager.start("s", Seconds(10)).get();
    }
    gone = true;
    for (int i = 0; i < 20; ++i) settle(*runtime);
}

TEST(HandleLifetimes, RemovingAListenerWaitsForIt) {
    auto runtime = Runtime::threaded();
    MCPConnection connection("c", scripted_transport(std::make_shared<Script>()), on(runtime));
    std::promise<void> entered;
    std::promise<void> leave;
    std::atomic<bool> left{false};
    std::atomic<bool> first{true};
    connection.set_event_listener([&](const Event&) {
        if (!first.exchange(false)) return;
        entered.set_value();
        leave.get_future().wait();
        left = true;
    });
    auto connecting = connection.connect();
    entered.get_future().wait();
    auto removed = std::async(std::launch::async, [&] {
        connection.set_event_listener({});
        return left.load();
    });
    EXPECT_EQ(removed.wait_for(20ms), std::future_status::timeout);
    leave.set_value();
    EXPECT_TRUE(removed.get());
    connecting.get();
}

TEST(HandleLifetimes, AListenerMayRemoveItself) {
    auto runtime = Runtime::threaded();
    MCPConnection connection("c", scripted_transport(std::make_shared<Script>()), on(runtime));
    int heard = 0;
    connection.set_event_listener([&](const Event&) {
        ++heard;
        connection.set_event_listener({});
    });
    connection.connect().get();
    connection.disconnect().get();
    settle(*runtime);
    EXPECT_EQ(heard, 1);
}

TEST(HandleLifetimes, AnOperationMayOutliveItsRuntime) {
    auto runtime = Runtime::manual();
    auto work = []() -> Task<Result<void>> { co_return Result<void>(); };
    // From another thread it is posted, and nobody turns the loop.
    auto posting = std::async(std::launch::async, [&] { return start<void>(runtime->loop(), work()); });
    auto operation = posting.get();
    runtime.reset();
    operation.cancel();
    EXPECT_FALSE(operation.is_done());
}

}  // namespace
}  // namespace haive::mcp::testing
