// How a connection comes back: the budget of attempts, its delays, reconnect() and revival.
#include "connection/connection_machine.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
using enum Phase;
using E = EventType;
using S = ConnectionStatus;

MachineOptions attempts(int most) {
    MachineOptions o;
    o.max_reconnect_attempts = most;
    return o;
}

MachineOptions not_automatic() {
    MachineOptions o;
    o.auto_reconnect = false;
    return o;
}

MachineOptions reviving(int most) {
    MachineOptions o = attempts(most);
    o.revive_after = 300s;
    return o;
}

/// A machine, its clock and its stable timer.
struct Outage {
    explicit Outage(const MachineOptions& options = MachineOptions()) : m(options) {}

    Actions on(E type, const Cause& cause = Cause()) {
        MachineEvent e;
        e.type = type;
        e.cause = cause;
        e.random = random;
        e.storm = storm;
        last = m.on(e, now);
        opens += last.open;
        if (last.arm_backoff) delays.push_back(*last.arm_backoff);
        return last;
    }
    Outage& then(std::initializer_list<E> events) {
        for (const E type : events) on(type);
        return *this;
    }
    Outage& come_up() { return then({E::connect, E::opened, E::handshake_ok}); }
    /// From backoff to the next transport.
    Outage& try_again() { return then({E::closed, E::backoff_due, E::granted}); }
    /// Comes up for a while, with or without an answer, and dies.
    void live(Duration up, bool answers) {
        const Duration stable = on(E::handshake_ok).arm_stable.value_or(Duration::max());
        if (answers) on(E::answered);
        now += up;
        if (up >= stable) on(E::stable_due);
        on(E::lost);
    }

    ConnectionMachine m;
    TimePoint now{};
    double random = 0;
    bool storm = false;
    Actions last;
    int opens = 0;
    std::vector<Duration> delays;
};

/// A connection that was up, was lost, and whose server never comes back: automatic attempts made.
int attempts_until_rest(Outage& outage, int give_up = 5'000) {
    const int before = outage.opens;
    while (outage.m.phase() == backoff && outage.opens - before < give_up) {
        outage.try_again();
        EXPECT_EQ(outage.m.phase(), opening);
        outage.on(E::attempt_failed);
    }
    return outage.opens - before;
}

// ---- the budget -----------------------------------------------------------------------------------

TEST(MachineBudget, R1_is_exhausted_after_exactly_its_attempts) {
    for (int most = 1; most <= 9; ++most) {
        Outage outage(attempts(most));
        outage.come_up().on(E::lost);
        EXPECT_EQ(attempts_until_rest(outage), most);
        EXPECT_EQ(outage.m.phase(), exhausted);
        EXPECT_EQ(outage.m.status(), S::error);
        EXPECT_EQ(outage.m.attempts_public(), most);
        EXPECT_FALSE(outage.last.arm_backoff || outage.last.arm_revive);
        EXPECT_FALSE(outage.m.next_attempt_at().has_value());
    }
}

TEST(MachineBudget, D2_a_monitored_first_connect_gets_its_attempts_too_beyond_the_first) {
    Outage outage(attempts(5));
    outage.then({E::start_monitoring, E::attempt_failed});
    EXPECT_EQ(attempts_until_rest(outage), 5);
    EXPECT_EQ(outage.opens, 6);
    EXPECT_EQ(outage.m.phase(), exhausted);
}

TEST(MachineBudget, B4_zero_means_none) {
    Outage outage(attempts(0));
    outage.come_up().then({E::start_monitoring, E::lost});
    EXPECT_EQ(outage.m.phase(), failed);
    EXPECT_TRUE(outage.delays.empty());
}

TEST(MachineBudget, B4_negative_means_no_limit) {
    Outage outage(attempts(-1));
    outage.come_up().on(E::lost);
    EXPECT_EQ(attempts_until_rest(outage, 2'000), 2'000);
    EXPECT_EQ(outage.m.phase(), backoff);
    EXPECT_EQ(outage.m.attempts_public(), 2'000);
    EXPECT_EQ(outage.delays.back(), Duration(60s));
}

TEST(MachineBudget, attempts_are_shown_while_they_run_and_as_zero_once_connected) {
    Outage outage;
    outage.come_up().on(E::lost);
    EXPECT_EQ(outage.m.attempts_public(), 0) << "none made yet";
    outage.try_again();
    EXPECT_EQ(outage.m.attempts_public(), 1);
    outage.on(E::attempt_failed);
    EXPECT_EQ(outage.m.attempts_public(), 1);
    outage.try_again().on(E::handshake_ok);
    EXPECT_EQ(outage.m.attempts_public(), 0);
    EXPECT_EQ(outage.m.episode_attempts(), 2) << "B-6: still charged";
}

TEST(MachineBudget, D5_B6_a_handshake_does_not_refill_it) {
    Outage outage;
    outage.come_up().on(E::lost);
    for (int n = 1; n <= 4; ++n) {
        outage.try_again().then({E::handshake_ok, E::answered, E::lost});
        EXPECT_EQ(outage.m.episode_attempts(), n);
    }
    EXPECT_EQ(outage.delays, (std::vector<Duration>{1s, 2s, 4s, 8s, 16s})) << "the delays go on growing";
}

TEST(MachineBudget, R2_a_crash_loop_below_the_stable_time_ends_after_exactly_five) {
    for (const Duration up : {Duration(100ms), Duration(5s), Duration(29s)}) {
        Outage outage;
        outage.come_up().on(E::lost);
        while (outage.m.phase() == backoff && outage.opens < 100) {
            outage.try_again();
            outage.live(up, true);
        }
        EXPECT_EQ(outage.m.phase(), exhausted) << to_seconds(up) << " s";
        EXPECT_EQ(outage.opens, 1 + 5);
    }
}

TEST(MachineBudget, R2_a_server_that_stays_for_31_seconds_is_never_given_up) {
    Outage outage;
    outage.come_up().on(E::lost);
    for (int i = 0; i < 500; ++i) {
        ASSERT_EQ(outage.m.phase(), backoff);
        outage.try_again();
        outage.live(31s, true);
        ASSERT_EQ(outage.delays.back(), Duration(1s)) << "each loss is an outage of its own";
    }
}

TEST(MachineBudget, B6_a_server_that_never_answers_was_not_stable_however_long) {
    Outage outage;
    outage.come_up().on(E::lost);
    while (outage.m.phase() == backoff && outage.opens < 100) {
        outage.try_again();
        outage.live(1h, false);
    }
    EXPECT_EQ(outage.m.phase(), exhausted);
    EXPECT_EQ(outage.opens, 1 + 5);
}

TEST(MachineBudget, B6_the_answer_may_come_after_the_stable_time) {
    Outage outage;
    outage.come_up().on(E::lost);
    outage.try_again().then({E::handshake_ok, E::stable_due});
    EXPECT_EQ(outage.m.episode_attempts(), 1);
    EXPECT_TRUE(outage.m.wants_answer());
    outage.on(E::answered);
    EXPECT_EQ(outage.m.episode_attempts(), 0);
    EXPECT_FALSE(outage.m.wants_answer());
}

TEST(MachineBudget, B6_an_answer_of_the_last_connection_does_not_count_for_this_one) {
    Outage outage;
    outage.come_up().then({E::answered, E::lost});
    outage.try_again().then({E::handshake_ok, E::stable_due});
    EXPECT_EQ(outage.m.episode_attempts(), 1);
}

TEST(MachineBudget, B6_the_stable_time_grows_with_the_delays_within_10_and_600_seconds) {
    const auto armed_after = [](MachineOptions o, int n) {
        o.max_reconnect_attempts = -1;
        Outage outage(o);
        outage.come_up().on(E::lost);
        for (int i = 1; i < n; ++i) outage.try_again().on(E::attempt_failed);
        outage.try_again().on(E::handshake_ok);
        return *outage.last.arm_stable;
    };
    MachineOptions o;
    EXPECT_EQ(armed_after(o, 1), 30s);
    EXPECT_EQ(armed_after(o, 4), 30s);
    EXPECT_EQ(armed_after(o, 5), 32s);
    EXPECT_EQ(armed_after(o, 6), 64s);
    EXPECT_EQ(armed_after(o, 20), 120s);
    o.health_check_interval = 2s;
    EXPECT_EQ(armed_after(o, 1), 10s);
    o.reconnect_delay = o.max_reconnect_delay = 1h;
    EXPECT_EQ(armed_after(o, 1), 600s);
    o.health_check_interval = o.reconnect_delay = o.max_reconnect_delay = Duration::max();
    EXPECT_EQ(armed_after(o, 3), 600s);
    o.stable_uptime = 3s;
    EXPECT_EQ(armed_after(o, 3), 3s) << "what the user says is taken as it is";
}

TEST(MachineBudget, T1_a_new_connect_begins_a_new_outage) {
    Outage outage(attempts(3));
    outage.come_up().on(E::lost);
    EXPECT_EQ(attempts_until_rest(outage), 3);
    outage.then({E::closed, E::connect});
    EXPECT_EQ(outage.m.attempts_public(), 0);
    EXPECT_EQ(outage.m.status(), S::connecting);
    outage.then({E::handshake_ok, E::lost});
    EXPECT_EQ(attempts_until_rest(outage), 3);
}

TEST(MachineBudget, T15_a_lost_session_costs_nothing_even_when_all_attempts_are_used_up) {
    Outage outage(attempts(1));
    outage.come_up().on(E::lost);
    outage.try_again().then({E::handshake_ok, E::session_lost, E::handshake_ok, E::session_lost});
    EXPECT_EQ(outage.m.phase(), backoff);
    outage.try_again();
    EXPECT_EQ(outage.m.episode_attempts(), 1);
    outage.on(E::attempt_failed);
    EXPECT_EQ(outage.m.phase(), exhausted) << "it was for free once, not for ever";
}

TEST(MachineBudget, R1_a_free_attempt_that_a_disconnect_cut_off_is_not_kept_for_the_next_outage) {
    Outage outage(attempts(3));
    outage.come_up().then({E::session_lost, E::handshake_ok, E::session_lost, E::closed, E::disconnect});
    ASSERT_EQ(outage.m.phase(), idle);
    outage.come_up().on(E::lost);
    EXPECT_EQ(attempts_until_rest(outage), 3) << "B-4: the maximum of this outage";
}

// ---- one attempt ----------------------------------------------------------------------------------

TEST(MachineAttempt, T17_T18_the_delay_then_leave_then_the_old_transport_then_the_attempt) {
    Outage outage;
    outage.come_up().then({E::lost, E::backoff_due});
    EXPECT_EQ(outage.m.phase(), gated);
    EXPECT_TRUE(outage.last.ask_grant);
    EXPECT_FALSE(outage.m.next_attempt_at().has_value());
    outage.on(E::granted);
    EXPECT_EQ(outage.m.phase(), gated) << "SM-2: the old one is still closing";
    EXPECT_EQ(outage.m.attempts_public(), 0);
    outage.then({E::connect, E::granted});
    EXPECT_FALSE(outage.last.ask_grant || outage.last.open);
    outage.on(E::closed);
    EXPECT_TRUE(outage.last.open);
    EXPECT_EQ(outage.m.attempts_public(), 1);
    EXPECT_EQ(outage.m.epoch(), 2U);
    EXPECT_EQ(outage.m.status(), S::reconnecting);
    outage.on(E::granted);
    EXPECT_FALSE(outage.last.open) << "SM-3: leave granted twice opens once";
}

TEST(MachineAttempt, T3_T22_connect_and_reconnect_cut_the_delay_short_and_use_the_attempt) {
    for (const E how : {E::connect, E::reconnect}) {
        Outage outage(attempts(1));
        outage.come_up().then({E::lost, E::closed, how});
        EXPECT_EQ(outage.m.phase(), gated);
        EXPECT_TRUE(outage.last.ask_grant && outage.last.cancel_timers);
        EXPECT_FALSE(outage.last.release_waiters.has_value());
        outage.on(how);
        EXPECT_FALSE(outage.last.ask_grant) << "asked once";
        outage.on(E::granted);
        EXPECT_EQ(outage.m.attempts_public(), 1);
        outage.on(E::attempt_failed);
        EXPECT_EQ(outage.last.release_waiters, Release::failed);
        EXPECT_EQ(outage.m.phase(), exhausted);
    }
}

// ---- reconnect() ----------------------------------------------------------------------------------

TEST(MachineReconnect, T21_replaces_a_connection_at_once_without_churn_or_attempt) {
    for (const E event : {E::answered, E::probe_missed, E::drain}) {
        Outage outage;
        outage.come_up().then({event, E::reconnect});
        EXPECT_EQ(outage.m.phase(), opening);
        EXPECT_EQ(outage.m.status(), S::reconnecting);
        EXPECT_EQ(outage.last.close, CloseMode::graceful);
        EXPECT_EQ(outage.last.churn, 0);
        EXPECT_FALSE(outage.last.open || outage.last.arm_backoff || outage.last.ask_grant);
        EXPECT_EQ(outage.m.closing_epoch(), 1U);
        outage.on(E::closed);
        EXPECT_TRUE(outage.last.open);
        EXPECT_EQ(outage.m.attempts_public(), 0);
        outage.on(E::handshake_ok);
        EXPECT_EQ(outage.last.release_waiters, Release::ok);
    }
}

TEST(MachineReconnect, D3_many_at_once_make_one_transport) {
    Outage outage;
    outage.come_up();
    for (int i = 0; i < 10; ++i) outage.then({E::reconnect, E::connect, E::start_monitoring});
    outage.on(E::closed);
    for (int i = 0; i < 10; ++i) outage.on(E::reconnect);
    EXPECT_EQ(outage.opens, 2);
    EXPECT_EQ(outage.m.epoch(), 2U);
}

TEST(MachineReconnect, makes_one_attempt_even_without_auto_reconnect) {
    Outage outage(not_automatic());
    outage.come_up().then({E::lost, E::closed});
    for (int i = 0; i < 20; ++i) {
        const int before = outage.opens;
        outage.on(E::reconnect);
        ASSERT_EQ(outage.opens, before + 1);
        outage.on(E::attempt_failed);
        ASSERT_EQ(outage.m.phase(), failed);
        ASSERT_EQ(outage.last.release_waiters, Release::failed);
        outage.on(E::closed);
    }
    outage.then({E::reconnect, E::handshake_ok});
    EXPECT_EQ(outage.m.phase(), ready);
    outage.then({E::reconnect, E::closed, E::attempt_failed});
    EXPECT_EQ(outage.m.phase(), failed);
}

TEST(MachineReconnect, T23_begins_from_idle_failed_fatal_and_auth_wait) {
    for (const AttemptClass cls : {AttemptClass::retryable, AttemptClass::fatal, AttemptClass::auth}) {
        Outage outage;
        Cause cause;
        cause.cls = cls;
        outage.on(E::connect);
        outage.on(E::attempt_failed, cause);
        outage.then({E::closed, E::reconnect});
        EXPECT_TRUE(outage.last.open);
        EXPECT_TRUE(outage.m.desired_up());
    }
    Outage fresh;
    fresh.on(E::reconnect);
    EXPECT_TRUE(fresh.last.open);
    EXPECT_EQ(fresh.m.status(), S::connecting);
    fresh.on(E::attempt_failed);
    EXPECT_EQ(fresh.m.phase(), failed) << "never connected and not monitored: one attempt";
}

TEST(MachineReconnect, T24_is_refused_at_once_when_all_attempts_are_used_up) {
    Outage outage(attempts(2));
    outage.come_up().on(E::lost);
    attempts_until_rest(outage);
    for (const bool gone : {false, true}) {
        if (gone) outage.on(E::closed);
        outage.on(E::reconnect);
        EXPECT_EQ(outage.last.release_waiters, Release::failed);
        EXPECT_FALSE(outage.last.open || outage.last.ask_grant || outage.last.arm_backoff || outage.last.changed);
        EXPECT_EQ(outage.m.phase(), exhausted);
    }
}

TEST(MachineReconnect, during_a_close_it_waits_for_the_end_of_it) {
    Outage outage;
    outage.come_up().then({E::disconnect, E::reconnect});
    EXPECT_FALSE(outage.last.open || outage.last.release_waiters);
    outage.on(E::closed);
    EXPECT_TRUE(outage.last.open);
}

TEST(MachineReconnect, T23_T8_after_a_disconnect_what_was_connected_before_it_does_not_count) {
    Outage outage;
    outage.come_up().then({E::disconnect, E::closed, E::reconnect, E::attempt_failed});
    EXPECT_EQ(outage.m.phase(), failed) << "not connected since it became wanted, not monitored: the engine is off";
}

TEST(MachineReconnect, what_is_opened_after_idle_or_an_error_shows_connecting) {
    Outage closed_before;
    closed_before.come_up().then({E::disconnect, E::closed, E::reconnect});
    EXPECT_EQ(closed_before.m.status(), S::connecting) << "1.1: after idle";
    Outage lost_before(not_automatic());
    lost_before.come_up().then({E::lost, E::closed, E::reconnect});
    EXPECT_EQ(lost_before.m.status(), S::connecting) << "1.1: after an error";
    Outage refused;
    Cause cause;
    cause.cls = AttemptClass::auth;
    refused.come_up().on(E::lost, cause);
    refused.then({E::closed, E::credentials_changed});
    EXPECT_EQ(refused.m.status(), S::connecting) << "1.1: after an error";
}

// ---- revival --------------------------------------------------------------------------------------

TEST(MachineRevival, T20_starts_over_with_all_attempts_while_monitored) {
    Outage outage(reviving(2));
    outage.come_up().then({E::start_monitoring, E::lost});
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(attempts_until_rest(outage), 2);
        EXPECT_EQ(outage.last.arm_revive, Duration(300s));
        outage.on(E::revive_due);
        EXPECT_EQ(outage.m.phase(), backoff);
        EXPECT_EQ(outage.m.attempts_public(), 0);
        EXPECT_EQ(outage.delays.back(), Duration(1s));
    }
}

TEST(MachineRevival, B7_not_without_monitoring_nor_after_it_was_stopped) {
    for (const bool stopped : {false, true}) {
        Outage outage(reviving(1));
        outage.come_up();
        if (stopped) outage.on(E::start_monitoring);
        outage.on(E::lost);
        attempts_until_rest(outage);
        if (stopped) outage.on(E::stop_monitoring);
        outage.on(E::revive_due);
        EXPECT_EQ(outage.m.phase(), exhausted);
        EXPECT_FALSE(outage.last.changed || outage.last.arm_backoff);
    }
}

TEST(MachineRevival, B7_off_by_default) {
    Outage outage(attempts(1));
    outage.come_up().then({E::start_monitoring, E::lost});
    attempts_until_rest(outage);
    EXPECT_EQ(outage.m.phase(), exhausted);
    EXPECT_FALSE(outage.last.arm_revive.has_value());
}

// ---- use wakes it ---------------------------------------------------------------------------------

Outage long_down(int most = 5) {
    Outage outage(attempts(most));
    outage.come_up().on(E::lost);
    attempts_until_rest(outage);
    outage.now += std::chrono::hours(1);
    return outage;
}

TEST(MachineWanted, U1_a_call_wakes_the_exhausted_at_once_and_for_free) {
    Outage outage = long_down();
    const int shown = outage.m.attempts_public();
    outage.then({E::wanted});
    EXPECT_EQ(outage.m.phase(), gated);
    EXPECT_TRUE(outage.last.ask_grant && outage.m.woken());
    outage.then({E::closed, E::granted});
    ASSERT_EQ(outage.m.phase(), opening);
    outage.on(E::attempt_failed);
    EXPECT_EQ(outage.m.phase(), exhausted);
    EXPECT_EQ(outage.m.attempts_public(), shown);
    EXPECT_FALSE(outage.m.woken());
}

TEST(MachineWanted, U1_cuts_a_long_pause_short_but_not_a_short_one) {
    Outage outage(attempts(-1));
    outage.come_up().on(E::lost);
    outage.then({E::wanted});
    EXPECT_EQ(outage.m.phase(), backoff) << "the connection was lost only just now";
    for (int i = 0; i < 6; ++i) {
        outage.try_again();
        outage.on(E::attempt_failed);
    }
    outage.then({E::wanted});
    EXPECT_EQ(outage.m.phase(), backoff) << "the last attempt has only just failed";
    outage.now += std::chrono::seconds(2);
    outage.then({E::wanted});
    EXPECT_EQ(outage.m.phase(), gated);
}

TEST(MachineWanted, U1_calls_in_a_row_make_no_storm) {
    Outage outage = long_down();
    const int before = outage.opens;
    for (int second = 0; second < 600; ++second) {
        outage.now += std::chrono::seconds(1);
        outage.on(E::wanted);
        if (outage.m.phase() == gated) outage.then({E::closed, E::granted, E::attempt_failed});
    }
    EXPECT_GT(outage.opens - before, 30);
    EXPECT_LE(outage.opens - before, 600 / 15 + 5) << "rests grow to a quarter of max_reconnect_delay";
}

TEST(MachineWanted, U1_waits_as_long_as_the_server_asked) {
    Outage outage(attempts(-1));
    outage.come_up();
    Cause cause;
    cause.retry_after = std::chrono::minutes(4);
    MachineEvent lost;
    lost.type = E::lost;
    lost.cause = cause;
    (void)outage.m.on(lost, outage.now);
    outage.now += std::chrono::minutes(3);
    outage.on(E::wanted);
    EXPECT_EQ(outage.m.phase(), backoff);
}

TEST(MachineWanted, U1_wakes_nobody_who_is_not_to_be_up) {
    Outage idle_one(attempts(5));
    idle_one.on(E::wanted);
    EXPECT_EQ(idle_one.m.phase(), idle);
    Outage without(attempts(0));
    without.come_up().then({E::lost, E::wanted});
    EXPECT_EQ(without.m.phase(), failed);
}

// M-4: many were lost at once.
TEST(MachineReconnect, in_a_storm_chance_may_take_the_whole_delay) {
    for (const bool storm : {false, true}) {
        Outage outage;
        outage.random = 0.999;
        outage.storm = storm;
        outage.come_up().then({E::lost});
        ASSERT_EQ(outage.delays.size(), 1u);
        EXPECT_EQ(outage.delays[0] < 2ms, storm);
    }
}

}  // namespace
}  // namespace haive::mcp
