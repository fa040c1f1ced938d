#include "haive/mcp/base/random.hpp"
#include "support/manual_loop.hpp"

#include <gtest/gtest.h>

#include <map>

using namespace haive::mcp;
using namespace haive::mcp::testing;
using namespace std::chrono_literals;

TEST(TimerQueue, fires_in_the_order_of_deadlines_and_then_of_arming) {
    ManualLoop loop;
    std::string order;
    Timer c(loop, [&] { order += 'c'; });
    Timer a(loop, [&] { order += 'a'; });
    Timer b(loop, [&] { order += 'b'; });
    c.arm(loop.now() + 2s);
    a.arm(loop.now() + 1s);
    b.arm(loop.now() + 1s);
    loop.advance(3s);
    EXPECT_EQ(order, "abc");
}

TEST(TimerQueue, a_disarmed_or_destroyed_timer_does_not_fire) {
    ManualLoop loop;
    int fired = 0;
    auto gone = std::make_unique<Timer>(loop, [&] { ++fired; });
    Timer off(loop, [&] { ++fired; });
    gone->arm(loop.now() + 1s);
    off.arm(loop.now() + 1s);
    gone.reset();
    off.disarm();
    loop.advance(2s);
    EXPECT_EQ(fired, 0);
    EXPECT_EQ(loop.timers(), 0u);
}

TEST(TimerQueue, a_callback_may_rearm_its_timer) {
    ManualLoop loop;
    int fired = 0;
    std::unique_ptr<Timer> t;
    t = std::make_unique<Timer>(loop, [&] {
        if (++fired < 3) t->arm(loop.now() + 1s);
    });
    t->arm(loop.now() + 1s);
    loop.advance(10s);
    EXPECT_EQ(fired, 3);
}

TEST(TimerQueue, a_callback_may_destroy_its_timer) {
    ManualLoop loop;
    int fired = 0;
    std::unique_ptr<Timer> t;
    auto witness = std::make_shared<int>(7);
    t = std::make_unique<Timer>(loop, [&, witness] {
        t.reset();
        fired += *witness;  // the callback itself outlives its timer
    });
    t->arm(loop.now() + 1s);
    loop.advance(2s);
    EXPECT_EQ(fired, 7);
}

TEST(TimerQueue, agrees_with_a_multimap_on_random_histories) {
    SplitMix random(42);
    ManualLoop loop;
    std::vector<std::unique_ptr<Timer>> timers;
    std::vector<int> fired;
    std::multimap<std::pair<TimePoint, std::uint64_t>, int> model;
    std::map<int, decltype(model)::iterator> where;
    std::uint64_t order = 0;
    std::vector<int> expected;
    for (int i = 0; i < 64; ++i) timers.push_back(std::make_unique<Timer>(loop, [&, i] { fired.push_back(i); }));
    for (int step = 0; step < 20000; ++step) {
        const int i = static_cast<int>(random.next() % timers.size());
        if (auto it = where.find(i); it != where.end()) {
            model.erase(it->second);
            where.erase(it);
        }
        if (random.next() % 4 == 0) {
            timers[i]->disarm();
        } else {
            const TimePoint due = loop.now() + std::chrono::milliseconds(random.next() % 50);
            timers[i]->arm(due);
            where[i] = model.emplace(std::pair(due, order++), i);
        }
        if (random.next() % 8 == 0) {
            const Duration d = std::chrono::milliseconds(random.next() % 20);
            while (!model.empty() && model.begin()->first.first <= loop.now() + d) {
                expected.push_back(model.begin()->second);
                where.erase(model.begin()->second);
                model.erase(model.begin());
            }
            loop.advance(d);
            ASSERT_EQ(fired, expected);
        }
    }
}
