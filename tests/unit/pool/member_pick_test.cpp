#include "pool/member_pick.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <queue>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

TEST(PeakLatency, RisesAtOnceAndForgetsOverTenSeconds) {
    PeakLatency latency;
    TimePoint now{1h};
    EXPECT_EQ(latency.at(now), Duration(1ms));
    latency.answered(10ms, now);
    latency.answered(500ms, now);
    EXPECT_EQ(latency.at(now), Duration(500ms));
    now += 10s;
    EXPECT_NEAR(to_seconds(latency.at(now)), 0.5 / std::exp(1.0), 0.001);
    latency.failed(1ms, now);
    EXPECT_EQ(latency.at(now), Duration(1s)) << "a fast failure is not fast";
}

TEST(PickMember, TakesTheCheaperOfTwoAndReadyOnesFirst) {
    const std::array<Candidate, 3> some{Candidate{7, 10ms, 0, 1, true}, Candidate{8, 10ms, 5, 1, true},
                                        Candidate{9, 1ms, 0, 1, false}};
    SplitMix random(1);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(pick_member(some, random.uniform(), random.uniform()), 7U);
    EXPECT_EQ(pick_member(std::span(some).subspan(2), 0.5, 0.5), 9U) << "better a suspect than nobody";
    EXPECT_FALSE(pick_member({}, 0.5, 0.5));
}

TEST(PickMember, NumbersAtTheEdgeOfTheirRangeAreHarmless) {
    const std::array<Candidate, 2> some{Candidate{1, 1ms, 0, 1, true}, Candidate{2, 1ms, 0, 1, true}};
    for (const double u : {0.0, 0.999999999999, 1.0}) {
        for (const double v : {0.0, 0.999999999999, 1.0}) EXPECT_TRUE(pick_member(some, u, v));
    }
}

/// Five members, one of which is slow and fails 30 of 100 calls, and sixteen clients that call without a pause.
TEST(PickMember, AFailingMemberGetsHardlyAnyCalls) {
    constexpr std::size_t members = 5;
    constexpr std::size_t bad = 2;
    SplitMix random(42);
    std::array<PeakLatency, members> latency;
    std::array<int, members> pending{};
    std::array<double, members> failures{};  // smoothed, as the health score's window does
    struct End {
        TimePoint at;
        std::size_t member;
        Duration took;
        bool failed;
        bool operator>(const End& other) const { return at > other.at; }
    };
    std::priority_queue<End, std::vector<End>, std::greater<>> ends;
    TimePoint now{1h};
    std::size_t calls = 0;
    std::size_t failed = 0;
    const auto begin = [&] {
        std::vector<Candidate> all;
        for (std::size_t i = 0; i < members; ++i) {
            Candidate each;
            each.member = i;
            each.latency = latency[i].at(now);
            each.pending = pending[i];
            each.score = std::max(0.0, 1 - 2 * failures[i]);
            all.push_back(each);
        }
        const std::size_t m = *pick_member(all, random.uniform(), random.uniform());
        ++pending[m];
        const double usual = m == bad ? 0.5 : 0.05;
        const Duration took = to_duration(Seconds(usual * (0.5 + random.uniform())));
        ends.push(End{now + took, m, took, m == bad && random.uniform() < 0.3});
    };
    for (int i = 0; i < 16; ++i) begin();
    while (calls < 200'000) {
        const End end = ends.top();
        ends.pop();
        now = end.at;
        ++calls;
        --pending[end.member];
        failures[end.member] = 0.9 * failures[end.member] + (end.failed ? 0.1 : 0);
        if (end.failed) {
            ++failed;
            latency[end.member].failed(end.took, now);
        } else {
            latency[end.member].answered(end.took, now);
        }
        begin();
    }
    const double share = static_cast<double>(failed) / static_cast<double>(calls);
    std::printf("failed calls: %zu of %zu, %.3f %%\n", failed, calls, 100 * share);
    EXPECT_LE(share, 0.005);
}

}  // namespace
}  // namespace haive::mcp
