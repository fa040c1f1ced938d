#include "connection/health_score.hpp"
#include "connection/probe_schedule.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
using Action = ProbeAction;
using Reason = ProbeReason;

TimePoint at(double seconds) { return TimePoint{} + to_duration(Seconds(seconds)); }

constexpr std::uint64_t seconds_of_phase(std::uint64_t s) { return s * 1'000'000'000ULL; }

ProbeFacts heard_at(double seconds) {
    ProbeFacts f;
    f.last_response = f.last_byte = at(seconds);
    return f;
}

ProbeFacts with_call(ProbeFacts f, double sent, double deadline) {
    f.oldest_sent = at(sent);
    f.oldest_deadline = at(deadline);
    f.overdue_at = overdue_at(at(sent), 0s);
    return f;
}

void expect(const ProbeStep& step, Action action, double until, Reason reason = Reason::none) {
    EXPECT_EQ(step.action, action);
    EXPECT_NEAR(to_seconds(step.until - TimePoint{}), until, 1e-6);
    if (action == Action::probe_now) EXPECT_EQ(step.reason, reason);
}

/// Started at 0 with phase 0; its first probe is answered at 0.
ProbeSchedule probed_at_zero(double u = 0.5) {
    ProbeSchedule s;
    s.start(at(0), 0);
    EXPECT_EQ(s.next(heard_at(0), at(0), u).action, Action::probe_now);
    s.answered(at(0), u);
    return s;
}

TEST(ProbeSchedule, defaults) {
    const ProbeSchedule s;
    EXPECT_EQ(s.ping_timeout(), 10s);
    EXPECT_EQ(s.reprobe(), 5s);
    ProbeScheduleOptions quick;
    quick.health_check_interval = 2s;
    EXPECT_EQ(ProbeSchedule(quick).ping_timeout(), 1s);
    EXPECT_EQ(ProbeSchedule(quick).reprobe(), 1s);
    quick.health_check_interval = 100ms;
    EXPECT_EQ(ProbeSchedule(quick).reprobe(), 100ms) << "never later than the next regular one";
}

TEST(ProbeSchedule, stopped_schedules_nothing) {
    ProbeSchedule s;
    EXPECT_EQ(s.next(heard_at(0), at(1), 0.5).until, never);
    s.start(at(1), 0);
    s.stop();
    EXPECT_EQ(s.next(with_call(heard_at(0), 0, 60), at(500), 0.5).until, never);
}

TEST(ProbeSchedule, H11_first_phase_is_the_hash_of_the_name) {
    ProbeSchedule s;
    s.start(at(100), seconds_of_phase(30 * 7 + 13));
    expect(s.next(heard_at(100), at(100), 0.5), Action::wait, 113);
    expect(s.next(heard_at(100), at(113), 0.5), Action::probe_now, 123, Reason::periodic);
}

TEST(ProbeSchedule, H11_the_first_probes_of_a_start_up_stay_spread) {
    int seen[10] = {};
    for (int i = 0; i < 1000; ++i) {
        const std::string name = "server-" + std::to_string(i);
        ProbeSchedule s;
        s.start(at(0), stable_hash(name.data(), name.size()));
        const ProbeStep step = s.next(heard_at(0), at(0), 0.5);
        const TimePoint due = step.action == Action::wait ? step.until : at(0);
        ++seen[static_cast<int>(to_seconds(due - at(0)) / 3.0)];
        if (step.action == Action::wait) {
            EXPECT_EQ(s.next(heard_at(0), due, 0.5).action, Action::probe_now);
        }
    }
    for (const int n : seen) EXPECT_NEAR(n, 100, 40);
}

TEST(ProbeSchedule, H11_period_is_jittered_by_a_tenth) {
    const std::pair<double, double> cases[] = {{0.0, 27}, {0.5, 30}, {1.0, 33}};
    for (const auto& [u, due] : cases) {
        ProbeSchedule s = probed_at_zero(u);
        expect(s.next(heard_at(0), at(1), 0.5), Action::wait, due);
        EXPECT_EQ(s.next(heard_at(0), at(due), 0.5).action, Action::probe_now);
    }
}

TEST(ProbeSchedule, H11_reprobes_after_a_miss) {
    ProbeSchedule s = probed_at_zero();
    (void)s.next(heard_at(0), at(30), 0.5);
    expect(s.next(heard_at(0), at(39.9), 0.5), Action::wait, 40);
    expect(s.next(heard_at(0), at(40), 0.5), Action::missed, 45);
    expect(s.next(heard_at(0), at(44.9), 0.5), Action::wait, 45);
    expect(s.next(heard_at(0), at(45), 0.5), Action::probe_now, 55, Reason::reprobe);
}

TEST(ProbeSchedule, H11_reprobes_while_below_the_threshold) {
    ProbeSchedule s = probed_at_zero();
    ProbeFacts f = heard_at(0);
    f.below_threshold = true;
    expect(s.next(f, at(1), 0.5), Action::wait, 5);
    expect(s.next(f, at(5), 0.5), Action::probe_now, 15, Reason::reprobe);
    s.answered(at(5), 0.5);
    f.below_threshold = false;
    f.last_response = f.last_byte = at(5);
    expect(s.next(f, at(6), 0.5), Action::wait, 35);
}

TEST(ProbeSchedule, H12_skips_after_a_recent_response_and_counts_from_it) {
    ProbeSchedule s = probed_at_zero();
    expect(s.next(heard_at(10), at(30), 0.0), Action::wait, 10 + 27);
    expect(s.next(heard_at(10), at(37), 0.0), Action::probe_now, 47, Reason::periodic);
}

TEST(ProbeSchedule, H12_a_response_older_than_nine_tenths_does_not_count) {
    ProbeSchedule fresh = probed_at_zero();
    EXPECT_EQ(fresh.next(heard_at(3.1), at(30), 0.5).action, Action::wait);
    ProbeSchedule stale = probed_at_zero();
    EXPECT_EQ(stale.next(heard_at(2.9), at(30), 0.5).action, Action::probe_now);
}

TEST(ProbeSchedule, H12_does_not_skip_while_a_call_is_silent) {
    ProbeFacts f = heard_at(24);
    f.oldest_sent = at(20);
    ProbeSchedule s = probed_at_zero();
    EXPECT_EQ(s.next(f, at(30), 0.5).action, Action::probe_now);
    f.last_byte = at(26);
    ProbeSchedule other = probed_at_zero();
    EXPECT_EQ(other.next(f, at(30), 0.5).action, Action::wait);
}

TEST(ProbeSchedule, H12_probes_at_least_every_four_intervals) {
    ProbeSchedule s = probed_at_zero();
    std::vector<double> probes;
    for (double t = 0; t < 600; t += 0.5) {  // a response every half second
        if (s.next(heard_at(t), at(t), 0.99).action != Action::probe_now) continue;
        probes.push_back(t);
        s.answered(at(t), 0.99);
    }
    ASSERT_EQ(probes.size(), 4U);
    EXPECT_NEAR(probes[0], 120, 1);
    EXPECT_NEAR(probes[3], 480, 2);
}

TEST(ProbeSchedule, H13_overdue) {
    EXPECT_EQ(overdue_at(at(10), 1s), at(15));
    EXPECT_EQ(overdue_at(at(10), 20s), at(50));
    EXPECT_EQ(overdue_at(at(10), Duration::max()), never);
}

TEST(ProbeSchedule, H13_probes_early_for_a_silent_call) {
    ProbeSchedule s = probed_at_zero();
    const ProbeFacts f = with_call(heard_at(0), 6, 66);
    expect(s.next(f, at(6), 0.5), Action::wait, 11);
    expect(s.next(f, at(11), 0.5), Action::probe_now, 21, Reason::early);
}

TEST(ProbeSchedule, H13_bytes_put_it_off) {
    ProbeSchedule s = probed_at_zero();
    ProbeFacts f = with_call(heard_at(0), 6, 66);
    f.last_byte = at(10.5);
    expect(s.next(f, at(11), 0.5), Action::wait, 15.5);
}

TEST(ProbeSchedule, H13_early_probes_keep_their_distance) {
    ProbeSchedule s = probed_at_zero();
    const ProbeFacts f = with_call(heard_at(0), 6, 66);
    (void)s.next(f, at(11), 0.5);
    s.answered(at(14), 0.5);
    expect(s.next(f, at(14), 0.5), Action::wait, 19);  // reprobe after the end of the last
}

TEST(ProbeSchedule, H14_a_busy_serial_peer_is_excused) {
    ProbeFacts f = with_call(heard_at(0), 6, 66);
    f.serial_peer = true;
    ProbeSchedule s = probed_at_zero();
    (void)s.next(f, at(11), 0.5);
    expect(s.next(f, at(21), 0.5), Action::inconclusive, 51);
    EXPECT_FALSE(s.outstanding());
}

TEST(ProbeSchedule, H14_who_is_not_excused) {
    ProbeFacts busy = with_call(heard_at(0), 6, 66);
    busy.serial_peer = true;
    EXPECT_TRUE(excused_as_busy(busy, at(11), at(21)));
    EXPECT_FALSE(excused_as_busy(busy, at(60), at(70))) << "past its deadline";
    EXPECT_FALSE(excused_as_busy(busy, at(5), at(15))) << "it got the probe first";
    ProbeFacts f = busy;
    f.serial_peer = false;
    EXPECT_FALSE(excused_as_busy(f, at(11), at(21)));
    f = busy;
    f.peer_running = false;
    EXPECT_FALSE(excused_as_busy(f, at(11), at(21)));
    f = busy;
    f.oldest_sent = never;
    EXPECT_FALSE(excused_as_busy(f, at(11), at(21)));
    f = busy;
    f.oldest_deadline = never;
    EXPECT_TRUE(excused_as_busy(f, at(295), at(305)));
    EXPECT_FALSE(excused_as_busy(f, at(297), at(307))) << "300 s at most";
}

TEST(ProbeSchedule, H15_one_probe_at_a_time) {
    ProbeSchedule s = probed_at_zero();
    EXPECT_TRUE(s.user_probe(at(3)));
    EXPECT_FALSE(s.user_probe(at(4))) << "joins";
    ProbeFacts f = with_call(heard_at(0), 0, 60);
    f.below_threshold = true;
    expect(s.next(f, at(12), 0.5), Action::wait, 13);
    s.answered(at(12), 0.5);
    expect(s.next(heard_at(12), at(12), 0.5), Action::wait, 42);
}

TEST(ProbeSchedule, H16_a_user_may_probe_without_monitoring) {
    ProbeSchedule s;
    EXPECT_TRUE(s.user_probe(at(3)));
    EXPECT_EQ(s.next(heard_at(0), at(13), 0.5).action, Action::missed);
    EXPECT_EQ(s.next(heard_at(0), at(14), 0.5).until, never);
}

TEST(ProbeSchedule, SM15_a_time_jump_drops_the_probe_and_sends_one_soon) {
    ProbeSchedule s = probed_at_zero();
    (void)s.next(heard_at(0), at(30), 0.5);
    EXPECT_TRUE(s.time_jumped(at(3630), 0.4));
    expect(s.next(heard_at(3629), at(3630), 0.5), Action::wait, 3632);
    expect(s.next(heard_at(3629), at(3632), 0.5), Action::probe_now, 3642, Reason::periodic);
    s.answered(at(3633), 0.5);
    EXPECT_FALSE(s.time_jumped(at(4000), 0.4));
}

TEST(ProbeSchedule, SM15_what_was_heard_before_the_jump_skips_nothing) {
    ProbeSchedule s = probed_at_zero();
    EXPECT_FALSE(s.time_jumped(at(20), 0.4));
    expect(s.next(heard_at(19), at(20), 0.5), Action::wait, 22);
    expect(s.next(heard_at(19), at(22), 0.5), Action::probe_now, 32, Reason::periodic);
}

TEST(ProbeSchedule, next_is_stable_and_always_moves_on) {
    SplitMix r(7);
    ProbeSchedule s;
    s.start(at(0), r.next());
    ProbeFacts f = heard_at(0);
    TimePoint now = at(0);
    for (int i = 0; i < 100'000; ++i) {
        const ProbeStep step = s.next(f, now, r.uniform() < 0.1 ? 0.0 : r.uniform());
        if (step.action == Action::wait) ASSERT_GT(step.until, now);
        if (step.action == Action::probe_now && r.uniform() < 0.7) s.answered(now, r.uniform());
        const bool busy = r.uniform() < 0.3;
        f.oldest_sent = busy ? now - to_duration(Seconds(20 * r.uniform())) : never;
        f.overdue_at = busy ? overdue_at(f.oldest_sent, 1s) : never;
        f.serial_peer = r.uniform() < 0.5;
        f.below_threshold = r.uniform() < 0.2;
        if (r.uniform() < 0.5) f.last_response = f.last_byte = now;
        now = std::min(std::max(now, step.until), now + to_duration(Seconds(50 * r.uniform())));
    }
}

// ---- worst-case detection (3.5): schedule, score and misses together --------------------------

struct Silence {
    double begins = 1000;
    bool call_in_flight = false;  ///< a call is sent at the moment at which the peer falls silent
    bool serial_peer = false;
    double call_deadline = 1e9;
};

/// Drives an idle, healthy connection whose peer falls silent; returns how long that stays unseen.
double seconds_to_death(const Silence& silence, std::uint64_t phase, const std::function<double()>& u) {
    HealthScore health;
    ProbeSchedule schedule;
    TimePoint now = at(0);
    TimePoint answer = never;
    health.handshake(now);
    schedule.start(now, phase);
    ProbeFacts facts = heard_at(0);
    facts.serial_peer = silence.serial_peer;
    const TimePoint begins = at(silence.begins);
    bool silent = false;
    while (now < at(5000)) {
        if (!silent && now >= begins) {
            silent = true;
            answer = never;
            if (silence.call_in_flight) {
                facts = with_call(facts, silence.begins, silence.begins + silence.call_deadline);
            }
        }
        if (facts.oldest_sent != never && now >= facts.oldest_deadline) {
            facts.oldest_sent = facts.oldest_deadline = facts.overdue_at = never;
            health.call_failed(now);
        }
        if (now >= answer) {
            answer = never;
            health.probe_ok(now, 5ms);
            schedule.answered(now, u());
            facts.last_response = facts.last_byte = now;
        }
        facts.below_threshold = health.score(now) < 0.7;
        const ProbeStep step = schedule.next(facts, now, u());
        if (step.action == Action::probe_now) {
            health.probe_sent(now);
            if (!silent) answer = now + 5ms;
        }
        if (step.action == Action::inconclusive) health.probe_inconclusive(now);
        if (step.action == Action::missed) {
            health.probe_missed(now);
            if (health.dead()) return to_seconds(now - begins);
        }
        now = std::min({step.until, answer, silent ? never : begins, facts.oldest_deadline});
    }
    return 1e9;
}

TEST(ProbeDetection, an_idle_silent_peer_is_dead_within_73_s) {
    SplitMix r(3);
    double worst = 0;
    for (int i = 0; i < 20'000; ++i) {
        const bool extreme = i % 2 == 0;
        Silence s;
        s.begins = 1000 + 100 * r.uniform();
        worst = std::max(worst, seconds_to_death(s, r.next(), [&] { return extreme ? 0.999999 : r.uniform(); }));
    }
    std::cout << "idle: at most " << worst << " s\n";
    EXPECT_LE(worst, 73.0);
    EXPECT_GT(worst, 72.9) << "the bound is reached, so the test looks at the worst case";
}

TEST(ProbeDetection, silence_right_after_the_handshake_too) {
    SplitMix r(4);
    for (int i = 0; i < 2000; ++i) {
        Silence s;
        s.begins = 1e-6;
        EXPECT_LE(seconds_to_death(s, r.next(), [&] { return r.uniform(); }), 73.0);
    }
}

TEST(ProbeDetection, with_a_call_in_flight_within_45_s) {
    SplitMix r(5);
    double worst = 0;
    for (int i = 0; i < 20'000; ++i) {
        Silence s;
        s.begins = 1000 + 100 * r.uniform();
        s.call_in_flight = true;
        worst = std::max(worst, seconds_to_death(s, r.next(), [&] { return r.uniform(); }));
    }
    std::cout << "with a call: at most " << worst << " s\n";
    EXPECT_LE(worst, 45.0 + 1e-6);
    EXPECT_GT(worst, 44.9);
}

TEST(ProbeDetection, F36_a_busy_serial_peer_lives_until_the_deadline_of_its_call) {
    SplitMix r(6);
    for (const double deadline : {60.0, 120.0, 290.0}) {
        for (int i = 0; i < 500; ++i) {
            Silence s;
            s.begins = 1000 + 100 * r.uniform();
            s.call_in_flight = s.serial_peer = true;
            s.call_deadline = deadline;
            const double died = seconds_to_death(s, r.next(), [&] { return r.uniform(); });
            EXPECT_GT(died, deadline);
            EXPECT_LE(died, deadline + 73.0);
        }
    }
}

TEST(ProbeDetection, H14_new_calls_do_not_excuse_a_hung_peer_for_ever) {
    ProbeSchedule s = probed_at_zero();
    ProbeFacts f = heard_at(0);
    f.serial_peer = true;
    int misses = 0;
    TimePoint now = at(1);
    while (misses < 3 && now < at(3000)) {
        f = with_call(f, to_seconds(now - at(0)) - 40, to_seconds(now - at(0)) + 20);
        const ProbeStep step = s.next(f, now, 0.5);
        misses += step.action == Action::missed;
        now = std::min(step.until, now + 1s);
    }
    EXPECT_EQ(misses, 3);
    EXPECT_LE(now, at(300 + 40 + 73));
}

// ---- the second opinion of H-10 ---------------------------------------------------------------

TEST(PingJury, H10_a_peer_that_answered_once_gets_no_second_opinion) {
    PingJury jury(true);
    jury.ping_answered();
    EXPECT_EQ(jury.missed(1), MissVerdict::probe_again);
    EXPECT_EQ(jury.missed(2), MissVerdict::probe_again);
    EXPECT_EQ(jury.missed(3), MissVerdict::dead);
}

TEST(PingJury, H10_modern_peers_must_answer_discover) {
    PingJury jury(false);
    EXPECT_EQ(jury.missed(3), MissVerdict::dead);
}

TEST(PingJury, H10_a_list_answer_marks_ping_unsupported) {
    PingJury jury(true);
    EXPECT_EQ(jury.missed(2), MissVerdict::probe_again);
    EXPECT_EQ(jury.missed(3), MissVerdict::ask_second_opinion);
    EXPECT_TRUE(jury.asking());
    EXPECT_EQ(jury.missed(4), MissVerdict::probe_again) << "asked once";
    jury.opinion_answered();
    EXPECT_TRUE(jury.passive());
    EXPECT_EQ(jury.support(), PingSupport::unsupported);
    EXPECT_EQ(jury.missed(3), MissVerdict::probe_again) << "never killed for pings again";
}

TEST(PingJury, H10_silence_to_the_list_request_is_death) {
    PingJury jury(true);
    (void)jury.missed(3);
    EXPECT_EQ(jury.opinion_failed(), MissVerdict::dead);
    jury.connected(true);
    EXPECT_EQ(jury.missed(3), MissVerdict::ask_second_opinion) << "a new process, a new question";
}

TEST(PingJury, H10_a_late_pong_ends_the_question) {
    PingJury jury(true);
    (void)jury.missed(3);
    jury.ping_answered();
    EXPECT_EQ(jury.opinion_failed(), MissVerdict::probe_again);
    jury.opinion_answered();
    EXPECT_EQ(jury.support(), PingSupport::supported);
}

TEST(PingJury, H10_remembers) {
    EXPECT_TRUE(PingJury(true, PingSupport::unsupported).passive());
    EXPECT_EQ(PingJury(true, PingSupport::supported).missed(3), MissVerdict::dead);
}

}  // namespace
}  // namespace haive::mcp
