// A pool under real threads: whatever they do with their acquires, no slot is lost, no connection is lent twice, and
// who asked first is served first. In-memory servers: what is tested is the pool, not the pipes.
#include "haive/mcp/base/random.hpp"
#include "haive/mcp/pool/pool.hpp"
#include "haive/mcp/transport/runtime.hpp"
#include "support/scripted_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>
#include <unordered_map>

namespace haive::mcp::testing {
namespace {

constexpr int members = 4;

MCPPool pool_of(const std::shared_ptr<Runtime>& runtime, int size) {
    PoolOptions options;
    options.mode = PoolMode::exclusive;
    options.min_size = size;
    options.max_size = size;
    options.max_waiting = 10'000;
    options.acquire_timeout = Seconds(20);  // a lost slot is told, not waited for
    ConnectionOptions connection;
    connection.runtime = runtime;
    connection.client.era = EraPreference::legacy;
    const auto script = std::make_shared<Script>();
    return MCPPool("p", MemoryTransport([script] { return std::make_unique<ScriptedServer>(script); }), options,
                   std::move(connection));
}

/// `HAIVE_TEST_ACQUIRES` for a long run.
std::uint64_t acquires_wanted() {
    const char* text = std::getenv("HAIVE_TEST_ACQUIRES");
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 20'000;
}

/// Who has which connection right now, as the threads see it.
class Lent {
public:
    /// False when somebody else has it.
    bool take(const MCPClient* client) {
        const std::lock_guard hold(mutex_);
        return in_use_.insert(client).second;
    }
    void give_back(const MCPClient* client) {
        const std::lock_guard hold(mutex_);
        in_use_.erase(client);
    }

private:
    std::mutex mutex_;
    std::set<const MCPClient*> in_use_;
};

/// What the threads counted together.
struct Tally {
    std::atomic<std::uint64_t> asked{0};
    std::atomic<std::uint64_t> got{0};
    std::atomic<std::uint64_t> cancelled{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> lent_twice{0};
    std::mutex mutex;
    std::string failure;  ///< the first; under the mutex
};

/// Asks for eight at a time, cancels some at once, drops some unseen, throws some connections away; waits in the order
/// of its asking, so that nobody waits for a lease that lies in his own hand.
void use(MCPPool& pool, Lent& lent, Tally& tally, std::uint64_t wanted, std::uint64_t seed) {
    constexpr std::size_t at_once = 8;
    SplitMix random(seed);
    while (tally.asked.fetch_add(at_once) < wanted) {
        std::vector<Async<Lease>> asked;
        for (std::size_t i = 0; i < at_once; ++i) {
            asked.push_back(pool.acquire());
            if (random.uniform() < 0.05) asked.back().cancel();  // races with the lease
        }
        for (auto& each : asked) {
            if (random.uniform() < 0.02) {
                // Detached: its lease comes back by itself. Kept until the others were waited for, it would be a lease
                // in the hand of somebody who waits for one: four who do so wait for each other.
                [[maybe_unused]] const Async<Lease> dropped = std::move(each);
                continue;
            }
            auto lease = each.wait();
            if (lease.has_error()) {
                if (lease.error().kind() == ErrorKind::cancelled) {
                    ++tally.cancelled;
                } else if (tally.failed++ == 0) {
                    const std::lock_guard hold(tally.mutex);
                    tally.failure = lease.error().summary();
                }
                continue;
            }
            ++tally.got;
            const MCPClient* client = lease->client().get();
            if (!lent.take(client)) ++tally.lent_twice;
            std::this_thread::yield();  // long enough for somebody else to be given it too
            lent.give_back(client);
            if (random.uniform() < 0.001) lease->discard();
        }
    }
}

TEST(PoolThreads, LoseNoSlotAndLendNothingTwice) {
    const std::uint64_t wanted = acquires_wanted();
    const auto runtime = Runtime::threaded();
    MCPPool pool = pool_of(runtime, members);
    Lent lent;
    Tally tally;
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] { use(pool, lent, tally, wanted, 7 + i); });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(tally.lent_twice, 0U);
    EXPECT_EQ(tally.failed, 0U) << tally.failure;
    EXPECT_GE(tally.got, wanted / 2);

    // All of them can be had at once, and not one more: the one who asks for it waits.
    std::vector<Lease> all;
    for (int i = 0; i < members; ++i) all.push_back(pool.acquire().get());
    std::set<const MCPClient*> different;
    for (const auto& each : all) different.insert(each.client().get());
    EXPECT_EQ(different.size(), static_cast<std::size_t>(members));
    AcquireOptions brief;
    brief.timeout = Seconds(0.05);
    const auto one_more = pool.acquire(brief).wait();
    ASSERT_TRUE(one_more.has_error());
    EXPECT_EQ(one_more.error().kind(), ErrorKind::acquire_timeout);
    const auto full = pool.stats();
    EXPECT_EQ(full.active, members);
    EXPECT_EQ(full.total, members);
    all.clear();
    pool.acquire().get().release();
    std::printf("%llu acquires: %llu leases, %llu cancelled\n", static_cast<unsigned long long>(tally.asked.load()),
                static_cast<unsigned long long>(tally.got.load()),
                static_cast<unsigned long long>(tally.cancelled.load()));
    pool.close().get();
}

TEST(PoolThreads, WhoAsksFirstIsServedFirst) {
    constexpr int each_asks = 500;
    const auto runtime = Runtime::threaded();
    MCPPool pool = pool_of(runtime, 1);
    Lease held = pool.acquire().get();
    std::mutex asking;
    int asked = 0;
    std::vector<int> served;  // loop thread only, until all are done
    std::latch done(4 * each_asks);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < each_asks; ++k) {
                const std::lock_guard hold(asking);  // makes "first" mean something between threads
                const int turn = asked++;
                pool.acquire().then([&served, &done, turn](Result<Lease> lease) {
                    served.push_back(lease.has_error() ? -1 : turn);
                    lease->release();
                    done.count_down();
                });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    held.release();
    done.wait();
    std::vector<int> expected(4 * each_asks);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(served, expected);
    pool.close().get();
}

}  // namespace
}  // namespace haive::mcp::testing
