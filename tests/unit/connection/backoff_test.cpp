#include "connection/backoff.hpp"
#include "connection/connection_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

constexpr double almost_one = 1.0 - 0x1.0p-53;

double uniform(std::mt19937_64& r) { return static_cast<double>(r() >> 11) * 0x1.0p-53; }

Duration default_base(int n) { return backoff_base(n, 1s, 60s, 2.0); }

TEST(Backoff, B1_the_documented_delays_double_up_to_a_minute) {
    const Duration expected[] = {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s};
    for (int n = 1; n <= 9; ++n) EXPECT_EQ(default_base(n), expected[n - 1]) << "attempt " << n;
}

TEST(Backoff, B1_an_attempt_before_the_first_waits_like_the_first) {
    EXPECT_EQ(default_base(0), 1s);
    EXPECT_EQ(default_base(-7), 1s);
    EXPECT_EQ(default_base(std::numeric_limits<int>::min() + 1), 1s);
}

TEST(Backoff, B1_no_initial_delay_means_no_delay_at_all) {
    EXPECT_EQ(backoff_base(1, 0s, 60s, 2.0), 0s);
    EXPECT_EQ(backoff_base(9, -5s, 60s, 2.0), 0s);
}

TEST(Backoff, B1_other_multipliers_grow_by_their_own_factor) {
    EXPECT_EQ(backoff_base(4, 1s, 1h, 3.0), 27s);
    EXPECT_EQ(backoff_base(1'000'000, 5s, 1h, 1.0), 5s);
    EXPECT_EQ(backoff_base(3, 100ms, 1h, 1.5), 225ms);
}

TEST(Backoff, B1_a_longest_delay_below_the_first_wins) { EXPECT_EQ(backoff_base(1, 10s, 2s, 2.0), 2s); }

TEST(Backoff, B1_huge_numbers_saturate_instead_of_overflowing) {
    EXPECT_EQ(backoff_base(std::numeric_limits<int>::max(), Duration::max(), Duration::max(), 1e300), Duration::max());
    EXPECT_EQ(backoff_base(41, 24h, Duration::max(), 2.0), Duration::max());
    EXPECT_EQ(backoff_base(1, Duration::max(), Duration::max(), 2.0), Duration::max());
    EXPECT_EQ(backoff_base(std::numeric_limits<int>::max(), 1s, 60s, 2.0), 60s);
    EXPECT_LE(backoff_delay(Duration::max(), 0.5, 0.25), Duration::max());
    EXPECT_GT(backoff_delay(Duration::max(), 0.5, 0.25), Duration::zero());
}

TEST(Backoff, B1_the_exponent_stops_growing_at_forty) {
    EXPECT_EQ(backoff_base(42, 1ns, Duration::max(), 2.0), backoff_base(41, 1ns, Duration::max(), 2.0));
    EXPECT_GT(backoff_base(41, 1ns, Duration::max(), 2.0), backoff_base(40, 1ns, Duration::max(), 2.0));
}

TEST(Backoff, B1_bases_never_shrink_and_never_pass_the_longest_for_any_options) {
    std::mt19937_64 r(11);
    for (int i = 0; i < 20'000; ++i) {
        const Duration longest = to_duration(Seconds(std::pow(10.0, 6 * uniform(r) - 2)));
        const Duration first = to_duration(Seconds(to_seconds(longest) * uniform(r)));
        const double multiplier = 1 + 4 * uniform(r);
        Duration before{};
        for (int n = 1; n <= 60; ++n) {
            const Duration base = backoff_base(n, first, longest, multiplier);
            ASSERT_GE(base, before);
            ASSERT_LE(base, longest);
            if (n == 1) ASSERT_EQ(base, std::min(first, longest));
            before = base;
        }
    }
}

TEST(Backoff, B2_jitter_only_shortens_and_by_its_share_at_most) {
    EXPECT_EQ(backoff_delay(8s, 0.5, 0), 8s);
    EXPECT_EQ(backoff_delay(8s, 0.5, 0.5), 6s);
    EXPECT_GE(backoff_delay(8s, 0.5, almost_one), 4s);
    EXPECT_EQ(backoff_delay(8s, 0, almost_one), 8s) << "no jitter, no change";
    EXPECT_GE(backoff_delay(8s, 1, almost_one), 0s);
    EXPECT_LE(backoff_delay(8s, 1, almost_one), 1us);
    EXPECT_EQ(backoff_delay(0s, 0.5, 0.3), 0s);
}

TEST(Backoff, R1_a_hundred_thousand_delays_stay_within_half_the_base_and_the_base) {
    std::mt19937_64 r(12);
    for (int i = 0; i < 100'000; ++i) {
        const Duration base = default_base(1 + static_cast<int>(r() % 12));
        const Duration delay = backoff_delay(base, 0.5, uniform(r));
        ASSERT_GE(delay, base / 2);
        ASSERT_LE(delay, base);
        ASSERT_LE(delay, 60s) << "max_reconnect_delay is a true maximum (B-2)";
    }
}

TEST(Backoff, R1_any_jitter_keeps_its_own_range) {
    std::mt19937_64 r(13);
    for (int i = 0; i < 100'000; ++i) {
        const double jitter = uniform(r);
        const Duration base = default_base(1 + i % 10);
        const double share = to_seconds(backoff_delay(base, jitter, uniform(r))) / to_seconds(base);
        ASSERT_LE(share, 1.0);
        ASSERT_GE(share, 1.0 - jitter - 1e-9);
    }
}

/// Kolmogorov-Smirnov: the largest distance of the drawn delays from the uniform distribution.
double distance_from_uniform(std::vector<double> shares) {
    std::ranges::sort(shares);
    const auto n = static_cast<double>(shares.size());
    double distance = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto k = static_cast<double>(i);
        distance = std::max({distance, (k + 1) / n - shares[i], shares[i] - k / n});
    }
    return distance;
}

TEST(Backoff, R1_the_delays_are_uniform_between_half_and_whole) {
    std::mt19937_64 r(14);
    std::vector<double> shares(200'000);
    for (double& share : shares) {
        share = 2 * (to_seconds(backoff_delay(4s, 0.5, uniform(r))) / 4.0 - 0.5);
    }
    const double critical = 1.949 / std::sqrt(static_cast<double>(shares.size()));  // p = 0.001
    EXPECT_LT(distance_from_uniform(std::move(shares)), critical);
}

TEST(Backoff, R1_the_default_five_attempts_cover_15_5_to_31_seconds) {
    std::mt19937_64 r(15);
    double sum = 0;
    double least = 1e9;
    double most = 0;
    constexpr int episodes = 20'000;
    for (int i = 0; i < episodes; ++i) {
        double total = 0;
        for (int n = 1; n <= 5; ++n) total += to_seconds(backoff_delay(default_base(n), 0.5, uniform(r)));
        sum += total;
        least = std::min(least, total);
        most = std::max(most, total);
    }
    EXPECT_GE(least, 15.5);
    EXPECT_LE(most, 31.0);
    EXPECT_NEAR(sum / episodes, 23.25, 0.1);
}

TEST(Backoff, D6_two_connections_that_lose_one_server_do_not_come_back_together) {
    EXPECT_NE(backoff_delay(16s, 0.5, 0.1), backoff_delay(16s, 0.5, 0.2));
}

TEST(Backoff, B5_never_earlier_than_the_server_asked) {
    EXPECT_EQ(with_retry_after(1s, 20s, 300s, 0), 20s);
    EXPECT_EQ(with_retry_after(1s, 20s, 300s, 0.5), 21s) << "a crowd spreads over a tenth";
    EXPECT_EQ(with_retry_after(30s, 20s, 300s, 0), 30s) << "nor earlier than our own delay";
    EXPECT_EQ(with_retry_after(4s, 0s, 300s, 0.5), 4s);
}

TEST(Backoff, B5_a_server_may_ask_for_the_cap_and_no_more) {
    EXPECT_EQ(with_retry_after(1s, 24h, 300s, 0.7), 300s);
    EXPECT_EQ(with_retry_after(1s, 299s, 300s, 0.9), 300s) << "the spread is capped too";
    EXPECT_EQ(with_retry_after(1s, Duration::max(), 300s, almost_one), 300s);
}

TEST(Backoff, B5_a_negative_wish_is_ignored) {
    EXPECT_EQ(with_retry_after(3s, -1s, 300s, 0.5), 3s);
    EXPECT_EQ(with_retry_after(3s, Duration::min(), 300s, 0.5), 3s);
}

TEST(Backoff, B5_twenty_thousand_wishes_are_respected_up_to_the_cap) {
    std::mt19937_64 r(16);
    for (int i = 0; i < 20'000; ++i) {
        const double u = uniform(r);
        const Duration own = backoff_delay(default_base(1 + i % 9), 0.5, uniform(r));
        const Duration asked = to_duration(Seconds(600 * uniform(r)));
        const Duration delay = with_retry_after(own, asked, 300s, u);
        ASSERT_GE(delay, std::min(asked, Duration(300s)));
        ASSERT_GE(delay, own);
        ASSERT_LE(delay, 300s);
        if (asked > own) ASSERT_LE(to_seconds(delay), 1.1 * to_seconds(asked) + 1e-6);
    }
}

// ---- the same through the machine that uses them -----------------------------------------------------

/// A connection that was up and lost its server, which never comes back: the delays it takes.
template <class Draw>
std::vector<Duration> delays_of_an_outage(int attempts, Draw&& draw, const Cause& cause = Cause(),
                                          Duration longest = 60s) {
    MachineOptions options;
    options.max_reconnect_attempts = attempts;
    options.max_reconnect_delay = longest;
    ConnectionMachine machine(options);
    std::vector<Duration> delays;
    TimePoint now{};
    const auto on = [&](EventType type) {
        MachineEvent event;
        event.type = type;
        event.random = draw();
        if (type == EventType::attempt_failed) event.cause = cause;
        const Actions actions = machine.on(event, now);
        if (!actions.arm_backoff) return;
        delays.push_back(*actions.arm_backoff);
        EXPECT_EQ(machine.next_attempt_at(), now + delays.back()) << "B-3: counted from the failure";
        now += delays.back();
    };
    for (const EventType type : {EventType::connect, EventType::handshake_ok, EventType::lost}) on(type);
    while (machine.phase() == Phase::backoff) {
        for (const EventType type : {EventType::closed, EventType::backoff_due, EventType::granted}) on(type);
        on(EventType::attempt_failed);
    }
    return delays;
}

double no_jitter() { return 0; }

TEST(MachineDelays, B1_are_the_documented_ones_before_the_five_attempts) {
    EXPECT_EQ(delays_of_an_outage(5, no_jitter), (std::vector<Duration>{1s, 2s, 4s, 8s, 16s}));
}

TEST(MachineDelays, R1_twenty_thousand_stay_between_half_their_base_and_their_base) {
    std::mt19937_64 r(41);
    for (int i = 0; i < 2'000; ++i) {
        const std::vector<Duration> delays = delays_of_an_outage(10, [&] { return uniform(r); });
        ASSERT_EQ(delays.size(), 10U);
        for (int n = 1; n <= 10; ++n) {
            ASSERT_GE(delays[static_cast<std::size_t>(n - 1)], default_base(n) / 2);
            ASSERT_LE(delays[static_cast<std::size_t>(n - 1)], default_base(n));
        }
    }
}

TEST(MachineDelays, D6_are_jittered_by_the_number_drawn) {
    EXPECT_EQ(delays_of_an_outage(3, [] { return 0.5; }), (std::vector<Duration>{750ms, 1500ms, 3s}));
}

TEST(MachineDelays, B5_a_server_that_asks_for_time_gets_it_up_to_the_cap_for_one_attempt) {
    const auto second_delay = [](Duration after, Duration longest = 60s) {
        Cause cause;
        cause.retry_after = after;
        const std::vector<Duration> delays = delays_of_an_outage(2, no_jitter, cause, longest);
        EXPECT_EQ(delays.size(), 2U);
        return delays.back();
    };
    EXPECT_EQ(second_delay(20s), 20s);
    EXPECT_EQ(second_delay(1s), 2s) << "our own delay is longer";
    EXPECT_EQ(second_delay(24h), 300s);
    EXPECT_EQ(second_delay(24h, 600s), 600s);
    EXPECT_EQ(second_delay(-5s), 2s);
}

}  // namespace
}  // namespace haive::mcp
