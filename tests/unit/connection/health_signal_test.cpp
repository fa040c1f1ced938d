#include "connection/health_score.hpp"
#include "connection/probe_schedule.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
using Level = HealthSignal::Level;

HealthReport scored(double score) {
    HealthReport report;
    report.score = score;
    report.connected = true;
    return report;
}

TEST(HealthSignal, unknown_until_the_first_connection) {
    HealthSignal s;
    EXPECT_FALSE(s.look(HealthReport{}, false));
    EXPECT_EQ(s.level(), Level::unknown);
    EXPECT_TRUE(s.look(scored(1.0), true));
    EXPECT_EQ(s.level(), Level::healthy);
}

TEST(HealthSignal, the_first_look_decides_plainly) {
    HealthSignal s;
    EXPECT_TRUE(s.look(scored(0.69), true));
    EXPECT_EQ(s.level(), Level::unhealthy);
    HealthSignal other;
    EXPECT_TRUE(other.look(scored(0.70), true));
    EXPECT_EQ(other.level(), Level::healthy);
}

TEST(HealthSignal, H9_leaves_below_the_threshold_only) {
    HealthSignal s;
    s.look(scored(1.0), true);
    EXPECT_FALSE(s.look(scored(0.70), false));
    EXPECT_TRUE(s.look(scored(0.6999), false));
    EXPECT_EQ(s.level(), Level::unhealthy);
}

TEST(HealthSignal, H9_returns_at_080_after_two_successes) {
    HealthSignal s;
    s.look(scored(1.0), true);
    s.look(scored(0.5), false);
    EXPECT_FALSE(s.look(scored(0.95), true)) << "one success is not enough";
    EXPECT_FALSE(s.look(scored(0.95), false)) << "time alone is none";
    EXPECT_FALSE(s.look(scored(0.79), true)) << "the score is not there yet";
    EXPECT_TRUE(s.look(scored(0.80), false)) << "two successes before, and now the score";
    EXPECT_EQ(s.level(), Level::healthy);
}

TEST(HealthSignal, H9_successes_are_counted_anew_after_each_fall) {
    HealthSignal s;
    s.look(scored(1.0), true);
    s.look(scored(0.5), false);
    s.look(scored(0.9), true);
    s.look(scored(0.9), true);
    ASSERT_EQ(s.level(), Level::healthy);
    s.look(scored(0.5), false);
    EXPECT_FALSE(s.look(scored(0.9), true));
    EXPECT_TRUE(s.look(scored(0.9), true));
}

TEST(HealthSignal, a_lost_connection_is_unhealthy) {
    HealthSignal s;
    s.look(scored(1.0), true);
    EXPECT_TRUE(s.look(HealthReport{}, false));
    EXPECT_EQ(s.level(), Level::unhealthy);
}

struct Flips {
    double signal = 0;  ///< changes of the HealthSignal per hour
    double plain = 0;   ///< crossings of 0.7 by the score per hour
};

/// An idle connection at the defaults whose pings are lost independently, under moved time.
Flips flips_per_hour(double loss, double hours, std::uint64_t seed) {
    SplitMix random(seed);
    HealthScore health;
    HealthSignal signal;
    ProbeSchedule schedule;
    ProbeFacts facts;
    TimePoint now{};
    TimePoint answer = never;
    const TimePoint end = now + to_duration(Seconds(3600 * hours));
    long changes = 0;
    long crossings = 0;
    bool above = true;
    const auto look = [&](bool success) {
        const HealthReport report = health.report(now);
        changes += signal.look(report, success);
        crossings += above != (report.score >= 0.7);
        above = report.score >= 0.7;
        facts.below_threshold = !above;
    };
    const auto connect = [&] {
        health.handshake(now);
        schedule.start(now, random.next());
        facts.last_response = facts.last_byte = now;
        look(true);
    };
    connect();
    while (now < end) {
        if (now == answer) {
            answer = never;
            health.probe_ok(now, 5ms);
            schedule.answered(now, random.uniform());
            facts.last_response = facts.last_byte = now;
            look(true);
        }
        const ProbeStep step = schedule.next(facts, now, random.uniform());
        if (step.action == ProbeAction::probe_now) {
            health.probe_sent(now);
            if (random.uniform() >= loss) answer = now + 5ms;
        } else if (step.action == ProbeAction::missed) {
            health.probe_missed(now);
            look(false);
            if (health.dead()) {
                health.lost(now);
                look(false);
                now += 1s;
                connect();
                continue;
            }
        }
        now = std::min(step.until, answer);
    }
    return {static_cast<double>(changes) / hours, static_cast<double>(crossings) / hours};
}

TEST(HealthSignal, D8_two_percent_loss_gives_at_most_03_flips_an_hour) {
    for (const std::uint64_t seed : {1ULL, 2ULL, 3ULL}) {
        const Flips f = flips_per_hour(0.02, 4000, seed);
        std::cout << "2 % loss, seed " << seed << ": signal " << f.signal << "/h, plain score " << f.plain << "/h\n";
        EXPECT_LE(f.signal, 0.3);
        EXPECT_LE(f.plain, 0.3);
    }
}

TEST(HealthSignal, hysteresis_matters_where_the_loss_is_high) {
    const Flips f = flips_per_hour(0.20, 1000, 4);
    std::cout << "20 % loss: signal " << f.signal << "/h, plain score " << f.plain << "/h\n";
    EXPECT_LT(f.signal, 0.8 * f.plain);
}

TEST(HealthSignal, no_loss_no_flips) { EXPECT_EQ(flips_per_hour(0.0, 1000, 5).plain, 0.0); }

}  // namespace
}  // namespace haive::mcp
