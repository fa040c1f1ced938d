#include "transport/loop/descriptor.hpp"
#include "transport/loop/epoll_loop.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

/// Both ends of a pipe or of a pair of sockets; what it still owns is closed.
struct Ends {
    static Ends pipe() {
        std::array<int, 2> fds{};
        EXPECT_EQ(pipe2(fds.data(), O_CLOEXEC | O_NONBLOCK), 0);
        return {fds[0], fds[1]};
    }
    static Ends sockets() {
        std::array<int, 2> fds{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
        return {fds[0], fds[1]};
    }
    void send(const char* text) const { EXPECT_GT(write(far, text, std::char_traits<char>::length(text)), 0); }
    void hang_up() const { close(far); }

    int near;
    int far;
};

/// Reads as our streams do: until a read is short, then it says so and waits again.
class Reader {
public:
    Reader(EpollLoop& loop, int fd, bool says_drained = true) : descriptor(loop, fd), says_drained_(says_drained) {
        wait();
    }
    Descriptor descriptor;
    std::string got;
    bool ended = false;
    int wakes = 0;

private:
    void wait() {
        descriptor.wait_readable([this] {
            ++wakes;
            std::array<char, 64> buffer{};
            const ssize_t n = read(descriptor.native_handle(), buffer.data(), buffer.size());
            if (n == 0) {
                ended = true;
                descriptor.close();
                return;
            }
            if (n > 0) got.append(buffer.data(), static_cast<std::size_t>(n));
            if (says_drained_ && n < static_cast<ssize_t>(buffer.size())) descriptor.drained();
            wait();
        });
    }
    bool says_drained_;
};

TEST(EpollLoop, ReadsWhatComesAfterAShortRead) {
    EpollLoop loop;
    const Ends ends = Ends::pipe();
    Reader reader(loop, ends.near);
    for (const char* text : {"one", "two", "three"}) {
        ends.send(text);
        const std::size_t before = reader.got.size();
        while (reader.got.size() == before) loop.turn();
    }
    EXPECT_EQ(reader.got, "onetwothree");
    EXPECT_EQ(reader.wakes, 3) << "one event each, and none in vain";
    ends.hang_up();
    while (!reader.ended) loop.turn();
}

TEST(EpollLoop, TheEndThatCameWithTheLastBytesIsSeen) {
    for (const Ends ends : {Ends::pipe(), Ends::sockets()}) {
        EpollLoop loop;
        Reader reader(loop, ends.near);
        ends.send("last words");
        ends.hang_up();
        while (!reader.ended) loop.turn();
        EXPECT_EQ(reader.got, "last words");
    }
}

TEST(EpollLoop, WhatWasThereBeforeTheFirstWaitIsSeen) {
    EpollLoop loop;
    const Ends ends = Ends::sockets();
    ends.send("early");
    Descriptor descriptor(loop, ends.near);
    bool worked = false;
    loop.post([&] { worked = true; });
    loop.turn();
    loop.post([] {});
    for (int i = 0; i < 8; ++i) {  // the event comes while nobody waits for it
        loop.post([] {});
        loop.turn();
    }
    bool ready = false;
    descriptor.wait_readable([&] { ready = true; });
    while (!ready) loop.turn();
    EXPECT_TRUE(worked);
    close(ends.far);
}

TEST(EpollLoop, AReaderThatLeavesBytesBehindIsToldAgain) {
    EpollLoop loop;
    const Ends ends = Ends::pipe();
    Reader reader(loop, ends.near, false);
    ends.send(std::string(200, 'x').c_str());
    while (reader.got.size() < 200) loop.turn();
    EXPECT_EQ(reader.wakes, 4) << "64 bytes each";
    close(ends.far);
}

TEST(EpollLoop, WhatAHandlerClosesIsNotCalledAnyMore) {
    EpollLoop loop;
    const Ends one = Ends::pipe();
    const Ends two = Ends::pipe();
    auto first = std::make_unique<Descriptor>(loop, one.near);
    auto second = std::make_unique<Descriptor>(loop, two.near);
    int calls = 0;
    first->wait_readable([&] { ++calls, second.reset(); });
    second->wait_readable([&] { ++calls, first.reset(); });
    one.send("x");
    two.send("x");
    while (calls == 0) loop.turn();
    for (int i = 0; i < 8; ++i) {
        loop.post([] {});
        loop.turn();
    }
    EXPECT_EQ(calls, 1) << "both events were of one batch";
    close(one.far);
    close(two.far);
}

TEST(EpollLoop, AClosedDescriptorWithADuplicateIsForgotten) {
    EpollLoop loop;
    const Ends ends = Ends::sockets();
    const int duplicate = dup(ends.near);
    {
        Descriptor gone(loop, ends.near);
        gone.wait_readable([] { FAIL() << "nobody waits any more"; });
    }
    ends.send("x");
    Descriptor left(loop, duplicate);
    bool ready = false;
    left.wait_readable([&] { ready = true; });
    while (!ready) loop.turn();
    close(ends.far);
}

TEST(EpollLoop, WritableIsToldOnceThereIsRoom) {
    EpollLoop loop;
    const Ends ends = Ends::pipe();
    Descriptor writer(loop, ends.far);
    const std::string block(4096, 'x');
    while (write(ends.far, block.data(), block.size()) > 0) {}
    bool room = false;
    writer.wait_writable([&] { room = true; });
    for (int i = 0; i < 8; ++i) {
        loop.post([] {});
        loop.turn();
    }
    EXPECT_FALSE(room);
    std::string sink(std::size_t{1} << 20, ' ');
    EXPECT_GT(read(ends.near, sink.data(), sink.size()), 0);
    while (!room) loop.turn();
    close(ends.near);
}

TEST(EpollLoop, AWriterIsToldThatNobodyReads) {
    EpollLoop loop;
    const Ends ends = Ends::pipe();
    Descriptor writer(loop, ends.far);
    bool told = false;
    writer.wait_writable([] {});
    close(ends.near);
    writer.wait_writable([&] { told = true; });
    while (!told) loop.turn();
}

TEST(EpollLoop, WorkOfOtherThreadsRunsInTheirOrderAndWakesTheLoop) {
    constexpr int threads = 4;
    constexpr int each = 20000;
    EpollLoop loop;
    std::array<int, threads> last{};
    int done = 0;
    int out_of_order = 0;
    std::vector<std::jthread> posters;
    for (int t = 0; t < threads; ++t) {
        posters.emplace_back([&, t] {
            for (int i = 1; i <= each; ++i) {
                loop.post([&, t, i] {
                    out_of_order += i == last[static_cast<std::size_t>(t)] + 1 ? 0 : 1;
                    last[static_cast<std::size_t>(t)] = i;
                    ++done;
                });
            }
        });
    }
    while (done < threads * each) loop.turn();  // hangs if a wake-up is lost
    EXPECT_EQ(out_of_order, 0);
}

TEST(EpollLoop, BusyWorkLeavesDescriptorsAndTimersTheirTurn) {
    EpollLoop loop;
    const Ends ends = Ends::pipe();
    Reader reader(loop, ends.near);
    bool fired = false;
    Timer timer(loop, [&] { fired = true; });
    timer.arm(loop.now());
    ends.send("x");
    std::function<void()> again = [&] { loop.post(again); };
    again();
    for (int i = 0; i < 16; ++i) loop.turn();
    EXPECT_EQ(reader.got, "x");
    EXPECT_TRUE(fired);
    close(ends.far);
}

TEST(EpollLoop, SleepsUntilTheNextTimerAndNotLess) {
    EpollLoop loop;
    const TimePoint due = std::chrono::steady_clock::now() + 3ms + 300us;
    bool fired = false;
    Timer timer(loop, [&] { fired = true; });
    timer.arm(due);
    int turns = 0;
    while (!fired) {
        loop.turn();
        ++turns;
    }
    EXPECT_GE(std::chrono::steady_clock::now(), due);
    EXPECT_LE(turns, 4) << "it slept, and did not look again and again";
}

TEST(EpollLoop, AHandlerMayTurnTheLoop) {
    EpollLoop loop;
    const Ends ends = Ends::pipe();
    Reader reader(loop, ends.near);
    bool outer = false;
    loop.post([&] {
        ends.send("x");
        while (reader.got.empty()) loop.turn();
        outer = true;
    });
    while (!outer) loop.turn();
    close(ends.far);
}

TEST(EpollLoop, AHandlerThatTurnsTheLoopSeesTheRestOfItsBatch) {
    EpollLoop loop;
    const Ends one = Ends::pipe();
    const Ends two = Ends::pipe();
    Descriptor first(loop, one.near);
    Descriptor second(loop, two.near);
    int calls = 0;
    // Whichever comes first waits for the other, whose event was collected together with its own.
    const auto ready = [&] {
        if (++calls > 1) return;
        while (calls < 2) loop.turn();
    };
    first.wait_readable(ready);
    second.wait_readable(ready);
    one.send("x");
    two.send("x");
    while (calls < 2) loop.turn();
    EXPECT_EQ(calls, 2);
    close(one.far);
    close(two.far);
}

TEST(EpollLoop, WhatNeverRanIsDestroyedWithIt) {
    auto alive = std::make_shared<int>(0);
    {
        EpollLoop loop;
        loop.post([alive] {});
        std::jthread([&] { loop.post([alive] {}); }).join();
    }
    EXPECT_EQ(alive.use_count(), 1);
}

TEST(EpollLoop, StopEndsARunThatSleeps) {
    EpollLoop loop;
    std::jthread runner([&] { loop.run(); });
    std::atomic<bool> ran{false};
    loop.post([&] { ran = true; });
    while (!ran) std::this_thread::yield();
    loop.stop();
}

// The thread sanitizer sees the poster's last steps in a loop that is gone; elsewhere they would write to a stranger's
// descriptor.
TEST(EpollLoop, MayBeEndedByTheWorkThatAnotherThreadIsPosting) {
    for (int round = 0; round < 200; ++round) {
        auto loop = std::make_shared<EpollLoop>();
        EpollLoop& posted_to = *loop;
        std::thread runner([loop] { loop->run(); });
        posted_to.post([loop = std::move(loop)] { loop->stop(); });
        runner.join();
    }
}

TEST(WorkQueue, KeepsTheOrderThroughManyTurns) {
    WorkQueue queue;
    int next = 0;
    int ran = 0;
    const auto push = [&] { queue.push([&ran, number = next++] { EXPECT_EQ(ran++, number); }); };
    for (int i = 0; i < 100; ++i) push();
    for (int i = 0; i < 10000; ++i) {
        push();
        queue.pop()();
    }
    EXPECT_EQ(queue.size(), 100U);
    while (!queue.empty()) queue.pop()();
    EXPECT_EQ(ran, next);
}

}  // namespace
}  // namespace haive::mcp
