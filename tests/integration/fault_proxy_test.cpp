// The proxy that the tests of HTTP and sockets break connections with, broken itself in each of its ways.
#include "support/fault_proxy.hpp"
#include "support/loopback_server.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cerrno>
#include <future>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A client that blocks, but for ten seconds at most.
class Client {
public:
    explicit Client(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval limit{10, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        failed_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
    }
    ~Client() { close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] int connect_error() const { return failed_; }
    void say(std::string_view text) const { (void)send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
    void end() const { shutdown(fd_, SHUT_WR); }
    /// Reads until the end, until an error, or until `most` bytes are there.
    std::string read(std::size_t most = std::size_t{1} << 30) {
        std::string out;
        while (out.size() < most) {
            char block[4096];
            const ssize_t n = recv(fd_, block, std::min(sizeof block, most - out.size()), 0);
            error = n < 0 ? errno : 0;
            if (n <= 0) break;
            ++reads;
            out.append(block, static_cast<std::size_t>(n));
        }
        return out;
    }
    [[nodiscard]] bool hears_something(std::chrono::milliseconds limit) const {
        pollfd one{fd_, POLLIN, 0};
        return poll(&one, 1, static_cast<int>(limit.count())) > 0;
    }

    int error = 0;
    int reads = 0;

private:
    int fd_;
    int failed_ = 0;
};

void echo(Peer& peer, int) {
    for (std::string bytes; !(bytes = peer.read_some()).empty();) {
        if (!peer.write(bytes)) return;
    }
    peer.close_write();
}

FaultProxy::Plan always(const FaultPlan& plan) {
    return [plan](int) { return plan; };
}

TEST(FaultProxy, PassesEverythingOnWhenNothingIsAskedOfIt) {
    LoopbackServer server(echo);
    FaultProxy proxy(server.port());
    const std::string text(300'000, 'x');
    Client client(proxy.port());
    std::thread writer([&] {
        client.say(text);
        client.end();
    });
    EXPECT_EQ(client.read(), text);
    writer.join();
    EXPECT_EQ(proxy.bytes_up(), text.size());
    EXPECT_EQ(proxy.bytes_down(), text.size());
}

TEST(FaultProxy, LatencyDelaysBothWays) {
    LoopbackServer server(echo);
    FaultPlan plan;
    plan.up.latency = 50ms;
    plan.down.latency = 70ms;
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    const auto start = Clock::now();
    client.say("ping");
    EXPECT_EQ(client.read(4), "ping");
    EXPECT_GE(Clock::now() - start, 120ms);
}

TEST(FaultProxy, ARateHoldsBytesBack) {
    LoopbackServer server(echo);
    FaultPlan plan;
    plan.down.bytes_per_second = 10'000;
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    const auto start = Clock::now();
    client.say(std::string(2000, 'x'));
    EXPECT_EQ(client.read(2000).size(), 2000U);
    EXPECT_GE(Clock::now() - start, 180ms);
}

TEST(FaultProxy, SlicesComeOneByOne) {
    LoopbackServer server(echo);
    FaultPlan plan;
    plan.down.slice = 1;
    plan.down.bytes_per_second = 1000;  // a millisecond between them, so that they do not stick together
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    client.say("twenty bytes of text");
    EXPECT_EQ(client.read(20), "twenty bytes of text");
    EXPECT_GT(client.reads, 5);
}

TEST(FaultProxy, CutsAfterExactlySoManyBytesOfTheAnswer) {
    LoopbackServer server(echo);
    FaultPlan plan;
    plan.down.cut_after = 7;
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    client.say("hello world");
    EXPECT_EQ(client.read(), "hello w");
    EXPECT_EQ(client.error, 0);
}

TEST(FaultProxy, CutsAfterExactlySoManyBytesOfTheRequest) {
    std::promise<std::size_t> got;
    LoopbackServer server([&](Peer& peer, int) { got.set_value(peer.drain()); });
    FaultPlan plan;
    plan.up.cut_after = 3;
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    client.say("hello world");
    EXPECT_EQ(got.get_future().get(), 3U);
    EXPECT_EQ(client.read(), "");
}

TEST(FaultProxy, AResetIsAnErrorAndNoEnd) {
    LoopbackServer server(echo);
    FaultPlan plan;
    plan.down.cut_after = 2;
    plan.cut = FaultPlan::Cut::reset;
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    client.say("hello");
    EXPECT_EQ(client.read(), "he");
    EXPECT_EQ(client.error, ECONNRESET);
}

TEST(FaultProxy, AHalfCloseEndsOneWayOnly) {
    std::promise<std::string> rest;
    LoopbackServer server([&](Peer& peer, int) {
        (void)peer.read_some();
        peer.write("an answer");
        rest.set_value(peer.read_some());
    });
    FaultPlan plan;
    plan.down.cut_after = 2;
    plan.cut = FaultPlan::Cut::half_close;
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    client.say("a");
    EXPECT_EQ(client.read(), "an");
    client.say("b");
    EXPECT_EQ(rest.get_future().get(), "b");
}

TEST(FaultProxy, ABlackHoleTellsNobody) {
    LoopbackServer server(echo);
    FaultPlan plan;
    plan.down.cut_after = 1;
    plan.cut = FaultPlan::Cut::black_hole;
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    client.say("hello");
    EXPECT_EQ(client.read(1), "h");
    client.say("anybody?");
    EXPECT_FALSE(client.hears_something(100ms));
    EXPECT_EQ(proxy.bytes_up(), 5U);
}

TEST(FaultProxy, OpenConnectionsCanBeSwallowedOrReset) {
    LoopbackServer server(echo);
    FaultProxy proxy(server.port());
    Client first(proxy.port());
    first.say("a");
    ASSERT_EQ(first.read(1), "a");
    proxy.swallow();
    first.say("b");
    EXPECT_FALSE(first.hears_something(50ms));
    Client second(proxy.port());
    second.say("c");
    ASSERT_EQ(second.read(1), "c");
    proxy.reset_all();
    EXPECT_EQ(second.read(), "");
    EXPECT_EQ(second.error, ECONNRESET);
    EXPECT_EQ(first.read(), "");
    EXPECT_EQ(proxy.accepted(), 2);
}

TEST(FaultProxy, RefusesUntilItAcceptsAgain) {
    LoopbackServer server(echo);
    FaultProxy proxy(server.port());
    proxy.refuse();
    EXPECT_EQ(Client(proxy.port()).connect_error(), ECONNREFUSED);
    proxy.accept_again();
    Client client(proxy.port());
    client.say("x");
    EXPECT_EQ(client.read(1), "x");
}

TEST(FaultProxy, StallsInConnect) {
    LoopbackServer server(echo);
    FaultProxy proxy(server.port());
    proxy.stall();
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(proxy.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), -1);
    pollfd one{fd, POLLOUT, 0};
    EXPECT_EQ(poll(&one, 1, 100), 0);
    close(fd);
    proxy.accept_again();
    Client client(proxy.port());
    client.say("x");
    EXPECT_EQ(client.read(1), "x");
    EXPECT_EQ(proxy.accepted(), 1);
}

TEST(FaultProxy, ClosesAKeptConnectionWhenTheNextRequestComes) {
    std::atomic<int> requests{0};
    LoopbackServer server([&](Peer& peer, int) {
        while (!peer.read_some().empty()) {
            ++requests;
            peer.write("answer");
        }
    });
    FaultPlan plan;
    plan.close_on_next_request = true;
    FaultProxy proxy(server.port(), always(plan));
    Client client(proxy.port());
    client.say("one");
    EXPECT_EQ(client.read(6), "answer");
    client.say("two");
    EXPECT_EQ(client.read(), "");
    EXPECT_EQ(requests, 1);
}

TEST(FaultProxy, EachConnectionHasAPlanOfItsOwn) {
    LoopbackServer server(echo);
    FaultProxy proxy(server.port(), [](int index) {
        FaultPlan plan;
        if (index == 0) plan.down.cut_after = 1;
        return plan;
    });
    Client first(proxy.port());
    first.say("abc");
    EXPECT_EQ(first.read(), "a");
    Client second(proxy.port());
    second.say("abc");
    second.end();
    EXPECT_EQ(second.read(), "abc");
}

}  // namespace
}  // namespace haive::mcp::testing
