#include "guard/in_flight_queue.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace haive::mcp {
namespace {

using Entry = InFlightQueue::Entry;

TEST(InFlightQueue, LetsSoManyGoAndSoManyWait) {
    InFlightQueue queue(2, 2);
    EXPECT_EQ(queue.enter(1, "a"), Entry::go);
    EXPECT_EQ(queue.enter(2, "a"), Entry::go);
    EXPECT_EQ(queue.enter(3, "a"), Entry::wait);
    EXPECT_EQ(queue.enter(4, "b"), Entry::wait);
    EXPECT_EQ(queue.enter(5, "b"), Entry::full);
}

TEST(InFlightQueue, ServesAskersInTurnAndEachInOrder) {
    InFlightQueue queue(1, 100);
    queue.enter(0, "");
    for (const InFlightQueue::Number n : {1, 2, 3, 4}) queue.enter(n, "greedy");
    queue.enter(5, "modest");
    queue.enter(6, "third");
    std::vector<InFlightQueue::Number> order;
    while (const auto next = queue.leave()) order.push_back(*next);
    EXPECT_EQ(order, (std::vector<InFlightQueue::Number>{1, 5, 6, 2, 3, 4}));
    EXPECT_EQ(queue.in_flight(), 0);
}

TEST(InFlightQueue, NobodySlipsInBeforeThoseWhoWait) {
    InFlightQueue queue(1, 10);
    queue.enter(1, "");
    queue.enter(2, "");
    EXPECT_EQ(queue.leave(), 2);
    EXPECT_EQ(queue.enter(3, ""), Entry::wait);
    EXPECT_EQ(queue.in_flight(), 1);
}

TEST(InFlightQueue, AWaiterThatGaveUpIsNotServed) {
    InFlightQueue queue(1, 10);
    queue.enter(1, "");
    queue.enter(2, "a");
    queue.enter(3, "b");
    EXPECT_TRUE(queue.withdraw(2, "a"));
    EXPECT_FALSE(queue.withdraw(2, "a"));
    EXPECT_EQ(queue.leave(), 3);
    EXPECT_FALSE(queue.withdraw(3, "b")) << "it has its place";
}

TEST(InFlightQueue, LosesNoPlace) {
    SplitMix random(3);
    InFlightQueue queue(8, 64);
    std::set<InFlightQueue::Number> going;
    std::vector<std::pair<InFlightQueue::Number, std::string>> waiting;
    InFlightQueue::Number number = 0;
    const auto now_going = [&](InFlightQueue::Number n) {
        std::erase_if(waiting, [n](const auto& each) { return each.first == n; });
        going.insert(n);
    };
    for (int step = 0; step < 300000; ++step) {
        const double what = random.uniform();
        if (what < 0.5) {
            const std::string asker(1, static_cast<char>('a' + static_cast<int>(random.uniform() * 5)));
            ++number;
            const Entry entry = queue.enter(number, asker);
            if (entry == Entry::go) going.insert(number);
            if (entry == Entry::wait) waiting.emplace_back(number, asker);
        } else if (what < 0.9 && !going.empty()) {
            going.erase(going.begin());
            if (const auto next = queue.leave()) now_going(*next);
        } else if (!waiting.empty()) {
            const std::size_t which = static_cast<std::size_t>(random.uniform() * static_cast<double>(waiting.size()));
            ASSERT_TRUE(queue.withdraw(waiting[which].first, waiting[which].second));
            waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(which));
        }
        ASSERT_EQ(queue.in_flight(), static_cast<int>(going.size()));
        ASSERT_EQ(queue.waiting(), static_cast<int>(waiting.size()));
        ASSERT_LE(queue.in_flight(), 8);
        ASSERT_TRUE(waiting.empty() || queue.in_flight() == 8) << "somebody waits beside a free place";
    }
}

}  // namespace
}  // namespace haive::mcp
