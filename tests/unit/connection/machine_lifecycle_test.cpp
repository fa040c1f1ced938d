// What users and servers do to a connection, one rule at a time: opening, closing, losing, probing.
#include "connection/connection_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
using enum Phase;
using E = EventType;
using S = ConnectionStatus;

Cause because(AttemptClass cls) {
    Cause cause;
    cause.cls = cls;
    return cause;
}

Cause in_order() {
    Cause cause;
    cause.graceful = true;
    return cause;
}

MachineOptions without_engine() {
    MachineOptions o;
    o.auto_reconnect = false;
    return o;
}

/// A machine and the clock it lives by.
struct Life {
    explicit Life(const MachineOptions& options = MachineOptions()) : m(options) {}

    Actions on(E type, const Cause& cause = Cause(), std::uint64_t epoch = 0) {
        MachineEvent e;
        e.type = type;
        e.cause = cause;
        e.epoch = epoch;
        last = m.on(e, now);
        return last;
    }
    Life& then(std::initializer_list<E> events) {
        for (const E type : events) on(type);
        return *this;
    }
    Life& come_up() { return then({E::connect, E::opened, E::handshake_ok}); }

    ConnectionMachine m;
    TimePoint now{};
    Actions last;
};

const std::vector<E> every_user_event = {E::connect, E::reconnect, E::disconnect, E::start_monitoring,
                                         E::stop_monitoring};

/// One life in every phase, its transport (if any was there) still there.
std::vector<Life> a_life_in_every_phase() {
    MachineOptions one_attempt;
    one_attempt.max_reconnect_attempts = 1;
    std::vector<Life> lives;
    const auto add = [&](const MachineOptions& o, std::initializer_list<E> events) {
        lives.push_back(Life(o).then(events));
    };
    add({}, {});
    add({}, {E::connect});
    add({}, {E::connect, E::opened});
    add({}, {E::connect, E::opened, E::handshake_ok});
    add({}, {E::connect, E::opened, E::handshake_ok, E::probe_missed});
    add({}, {E::connect, E::opened, E::handshake_ok, E::drain});
    add({}, {E::connect, E::opened, E::handshake_ok, E::lost});
    add({}, {E::connect, E::opened, E::handshake_ok, E::lost, E::backoff_due});
    add({}, {E::connect, E::attempt_failed});
    add(one_attempt, {E::connect, E::handshake_ok, E::lost, E::closed, E::backoff_due, E::granted, E::attempt_failed});
    add({}, {E::connect, E::disconnect});
    for (const AttemptClass cls : {AttemptClass::fatal, AttemptClass::auth}) {
        Life life;
        life.on(E::connect);
        life.on(E::attempt_failed, because(cls));
        lives.push_back(life);
    }
    return lives;
}

TEST(MachineLifecycle, the_lives_of_these_tests_cover_every_phase) {
    for (int i = 0; i < 13; ++i) {
        const auto lives = a_life_in_every_phase();
        EXPECT_TRUE(std::ranges::any_of(lives, [&](const Life& l) { return l.m.phase() == static_cast<Phase>(i); }))
            << to_string(static_cast<Phase>(i));
    }
}

// ---- connect --------------------------------------------------------------------------------------

TEST(MachineConnect, T1_opens_one_transport_under_a_new_epoch) {
    Life life;
    life.on(E::connect);
    EXPECT_TRUE(life.last.open);
    EXPECT_TRUE(life.last.changed);
    EXPECT_FALSE(life.last.release_waiters.has_value());
    EXPECT_EQ(life.m.epoch(), 1U);
    EXPECT_TRUE(life.m.desired_up());
    EXPECT_EQ(life.m.status(), S::connecting);
    EXPECT_EQ(life.m.attempts_public(), 0) << "the first connect is no reconnect attempt";
}

TEST(MachineConnect, T2_SM3_who_comes_during_an_attempt_joins_it) {
    for (const bool opened : {false, true}) {
        Life life;
        life.on(E::connect);
        if (opened) life.on(E::opened);
        for (const E type : {E::connect, E::reconnect, E::start_monitoring}) {
            life.on(type);
            EXPECT_FALSE(life.last.open || life.last.changed || life.last.close || life.last.release_waiters);
        }
        EXPECT_EQ(life.m.epoch(), 1U);
    }
}

TEST(MachineConnect, T4_when_connected_nothing_happens) {
    for (const E event : {E::answered, E::probe_missed, E::drain}) {
        Life life;
        life.come_up().on(event);
        const Phase before = life.m.phase();
        life.on(E::connect);
        EXPECT_FALSE(life.last.open || life.last.changed || life.last.close || life.last.cancel_timers);
        EXPECT_EQ(life.m.phase(), before);
    }
}

TEST(MachineConnect, T5_during_a_close_it_waits_for_the_end_of_it) {
    Life life;
    life.come_up().then({E::disconnect, E::connect});
    EXPECT_EQ(life.m.phase(), closing);
    EXPECT_FALSE(life.last.open);
    EXPECT_FALSE(life.last.release_waiters.has_value());
    life.on(E::closed);
    EXPECT_TRUE(life.last.open);
    EXPECT_EQ(life.m.phase(), opening);
    EXPECT_EQ(life.m.epoch(), 2U);
    EXPECT_TRUE(life.m.desired_up());
}

TEST(MachineConnect, T5_the_last_word_during_a_close_counts) {
    Life life;
    life.come_up().then({E::disconnect, E::connect, E::disconnect});
    EXPECT_EQ(life.last.release_waiters, Release::failed) << "the caller of connect is let go";
    life.on(E::closed);
    EXPECT_EQ(life.m.phase(), idle);
    EXPECT_FALSE(life.last.open);
}

TEST(MachineConnect, T7_a_handshake_lets_everybody_go_on_and_arms_the_stable_time) {
    for (const bool opened_seen : {true, false}) {
        Life life;
        life.on(E::connect);
        if (opened_seen) life.on(E::opened);
        life.on(E::handshake_ok);
        EXPECT_EQ(life.m.phase(), ready);
        EXPECT_EQ(life.last.release_waiters, Release::ok);
        EXPECT_TRUE(life.last.arm_stable.has_value());
        EXPECT_EQ(life.m.attempts_public(), 0);
    }
}

TEST(MachineConnect, T8_a_first_connect_that_fails_rests_and_tells_its_callers) {
    for (const E what : {E::attempt_failed, E::lost}) {
        Life life;
        life.then({E::connect, what});
        EXPECT_EQ(life.m.phase(), failed);
        EXPECT_EQ(life.last.release_waiters, Release::failed);
        EXPECT_EQ(life.last.close, CloseMode::prompt);
        EXPECT_FALSE(life.last.arm_backoff.has_value()) << "B-9: only monitoring repeats a first connect";
    }
}

TEST(MachineConnect, T9_a_fatal_or_auth_cause_is_an_error_at_once_in_every_phase_with_a_transport) {
    for (const auto& [cls, where] : {std::pair(AttemptClass::fatal, fatal), std::pair(AttemptClass::auth, auth_wait)}) {
        for (Life life : a_life_in_every_phase()) {
            const Phase from = life.m.phase();
            const bool trying = from == opening || from == handshaking;
            if (!trying && life.m.status() != S::connected) continue;
            life.on(E::start_monitoring);  // even with every reason to try again
            life.on(E::lost, because(cls));
            EXPECT_EQ(life.m.phase(), where) << "from " << to_string(from);
            EXPECT_EQ(life.m.status(), S::error);
            EXPECT_FALSE(life.last.arm_backoff || life.last.ask_grant || life.last.open);
            EXPECT_EQ(life.last.close, CloseMode::prompt);
            EXPECT_EQ(life.last.release_waiters.has_value(), trying);
            life.then({E::closed, E::backoff_due, E::granted, E::revive_due, E::start_monitoring});
            EXPECT_EQ(life.m.phase(), where) << "nothing but a user's wish or new credentials helps";
        }
    }
}

TEST(MachineConnect, T16_new_credentials_open_again_if_the_connection_is_wanted) {
    Life life;
    life.on(E::connect);
    life.on(E::attempt_failed, because(AttemptClass::auth));
    life.then({E::closed, E::credentials_changed});
    EXPECT_EQ(life.m.phase(), opening);
    EXPECT_TRUE(life.last.open);
    for (Life other : a_life_in_every_phase()) {
        if (other.m.phase() == auth_wait) continue;
        other.on(E::credentials_changed);
        EXPECT_FALSE(other.last.changed || other.last.open) << to_string(other.m.phase());
    }
}

TEST(MachineConnect, SM2_the_next_transport_waits_for_the_end_of_the_old_one) {
    for (const E how : {E::connect, E::reconnect}) {
        Life life;
        life.then({E::connect, E::attempt_failed, how});
        EXPECT_EQ(life.m.phase(), opening);
        EXPECT_FALSE(life.last.open) << "the failed one is still closing";
        life.on(E::closed, {}, 1);
        EXPECT_TRUE(life.last.open);
        EXPECT_EQ(life.m.epoch(), 2U);
    }
}

TEST(MachineConnect, SM1_news_of_an_earlier_transport_is_dropped) {
    Life life;
    life.come_up().then({E::reconnect, E::closed, E::opened});
    ASSERT_EQ(life.m.epoch(), 2U);
    for (const E type : {E::handshake_ok, E::attempt_failed, E::lost, E::session_lost, E::probe_missed}) {
        life.on(type, {}, 1);
        EXPECT_TRUE(life.last.stale) << to_string(type);
        EXPECT_EQ(life.m.phase(), handshaking);
    }
    life.on(E::handshake_ok, {}, 2);
    EXPECT_FALSE(life.last.stale);
    EXPECT_EQ(life.m.phase(), ready);
}

// ---- disconnect -----------------------------------------------------------------------------------

TEST(MachineDisconnect, T25_from_every_phase_it_ends_disconnected_and_nothing_comes_back) {
    for (Life life : a_life_in_every_phase()) {
        const std::string from(to_string(life.m.phase()));
        const std::uint64_t epoch = life.m.epoch();
        life.on(E::disconnect);
        EXPECT_EQ(life.m.status(), S::disconnected) << from;
        EXPECT_TRUE(life.last.cancel_timers) << from;
        EXPECT_EQ(life.last.release_waiters, Release::failed) << from;
        EXPECT_FALSE(life.m.desired_up() || life.m.next_attempt_at().has_value());
        life.on(E::closed);
        EXPECT_EQ(life.m.phase(), idle) << from;
        for (int e = 0; e < event_types; ++e) {
            if (std::ranges::count(every_user_event, static_cast<E>(e)) > 0) continue;
            life.on(static_cast<E>(e));
            EXPECT_EQ(life.m.phase(), idle) << from << ", then " << to_string(static_cast<E>(e));
            EXPECT_FALSE(life.last.open || life.last.arm_backoff || life.last.arm_stable || life.last.arm_revive ||
                         life.last.ask_grant);
        }
        EXPECT_EQ(life.m.epoch(), epoch);
    }
}

TEST(MachineDisconnect, D4_a_disconnect_during_the_backoff_is_not_undone_when_the_delay_ends) {
    Life life;
    life.come_up().then({E::lost, E::closed});
    ASSERT_EQ(life.m.phase(), backoff);
    life.on(E::disconnect);
    EXPECT_EQ(life.m.phase(), idle);
    life.then({E::backoff_due, E::granted});
    EXPECT_EQ(life.m.phase(), idle);
    EXPECT_FALSE(life.last.open);
}

TEST(MachineDisconnect, SM6_a_leave_granted_after_the_disconnect_opens_nothing) {
    Life life;
    life.come_up().then({E::lost, E::closed, E::backoff_due, E::disconnect, E::granted});
    EXPECT_EQ(life.m.phase(), idle);
    EXPECT_FALSE(life.last.open);
}

TEST(MachineDisconnect, SM6_is_idempotent_and_closes_once) {
    Life life;
    life.come_up().on(E::disconnect);
    EXPECT_EQ(life.last.close, CloseMode::graceful);
    life.on(E::disconnect);
    EXPECT_FALSE(life.last.close.has_value());
    EXPECT_EQ(life.m.phase(), closing);
    life.then({E::closed, E::disconnect});
    EXPECT_EQ(life.m.phase(), idle);
    EXPECT_FALSE(life.last.close || life.last.changed);
}

TEST(MachineDisconnect, SM13_a_running_monitor_does_not_revive_it_but_a_new_start_does) {
    Life life;
    life.on(E::start_monitoring);
    life.then({E::opened, E::handshake_ok, E::disconnect, E::closed});
    EXPECT_EQ(life.m.phase(), idle);
    EXPECT_TRUE(life.m.monitoring());
    life.on(E::start_monitoring);
    EXPECT_EQ(life.m.phase(), opening);
}

// ---- losing a connection --------------------------------------------------------------------------

TEST(MachineLoss, T10_a_loss_is_churn_and_the_next_attempt_is_told) {
    for (const E event : {E::answered, E::probe_missed, E::drain}) {
        Life life;
        life.come_up().on(event);
        life.now += 100s;
        life.on(E::lost);
        EXPECT_EQ(life.m.phase(), backoff);
        EXPECT_EQ(life.m.status(), S::reconnecting);
        EXPECT_EQ(life.last.churn, 1);
        EXPECT_TRUE(life.last.cancel_timers);
        EXPECT_EQ(life.last.close, CloseMode::prompt);
        EXPECT_EQ(life.last.arm_backoff, Duration(1s)) << "B-3: counted from the failure";
        EXPECT_EQ(life.m.next_attempt_at(), life.now + 1s);
        EXPECT_EQ(life.m.since(), life.now);
    }
}

TEST(MachineLoss, T10_a_peer_that_ends_in_order_is_brought_back_all_the_same) {
    Life life;
    life.come_up().on(E::lost, in_order());
    EXPECT_EQ(life.m.phase(), backoff);
}

TEST(MachineLoss, T11_without_the_engine_it_rests) {
    Life life(without_engine());
    life.come_up().on(E::lost);
    EXPECT_EQ(life.m.phase(), failed);
    Life ended(without_engine());
    ended.come_up().on(E::lost, in_order());
    EXPECT_EQ(ended.m.phase(), idle) << "the peer said goodbye";
    EXPECT_EQ(ended.m.status(), S::disconnected);
}

TEST(MachineLoss, T15_a_lost_session_is_begun_anew_on_the_same_transport) {
    Life life;
    life.come_up().on(E::session_lost);
    EXPECT_EQ(life.m.phase(), handshaking);
    EXPECT_EQ(life.m.status(), S::reconnecting);
    EXPECT_TRUE(life.last.handshake);
    EXPECT_FALSE(life.last.close || life.last.open || life.last.arm_backoff);
    EXPECT_EQ(life.last.churn, 0.5);
    EXPECT_EQ(life.m.epoch(), 1U);
    life.on(E::handshake_ok);
    EXPECT_EQ(life.m.phase(), ready);
}

TEST(MachineLoss, T15_again_within_ten_seconds_it_backs_off_without_using_an_attempt) {
    Life life;
    life.come_up().then({E::session_lost, E::handshake_ok});
    life.now += 10s;
    life.on(E::session_lost);
    EXPECT_EQ(life.m.phase(), backoff);
    EXPECT_EQ(life.last.close, CloseMode::prompt);
    life.then({E::closed, E::backoff_due, E::granted});
    EXPECT_EQ(life.m.phase(), opening);
    EXPECT_EQ(life.m.attempts_public(), 0);
    EXPECT_EQ(life.m.episode_attempts(), 0);
}

TEST(MachineLoss, T15_after_ten_seconds_it_is_the_first_time_again) {
    Life life;
    life.come_up().then({E::session_lost, E::handshake_ok});
    life.now += 10s + 1ns;
    life.on(E::session_lost);
    EXPECT_EQ(life.m.phase(), handshaking);
}

// ---- probes ---------------------------------------------------------------------------------------

TEST(MachineProbes, D9_one_slow_reply_loses_nothing) {
    Life life;
    life.come_up().on(E::probe_missed);
    EXPECT_EQ(life.m.phase(), suspect);
    EXPECT_EQ(life.m.status(), S::connected) << "still usable";
    EXPECT_FALSE(life.last.close || life.last.arm_backoff || life.last.cancel_timers);
    EXPECT_EQ(life.last.churn, 0);
    life.on(E::answered);
    EXPECT_EQ(life.m.phase(), ready);
    EXPECT_EQ(life.m.missed_probes(), 0);
}

TEST(MachineProbes, T14_three_in_a_row_are_death_by_kill) {
    Life life;
    life.come_up().then({E::probe_missed, E::probe_missed});
    EXPECT_EQ(life.m.phase(), suspect);
    EXPECT_EQ(life.m.missed_probes(), 2);
    life.on(E::probe_missed);
    EXPECT_EQ(life.m.phase(), backoff);
    EXPECT_EQ(life.last.close, CloseMode::kill);
    EXPECT_EQ(life.last.churn, 1);
}

TEST(MachineProbes, T13_any_answer_between_them_starts_the_count_anew) {
    Life life;
    life.come_up();
    for (int i = 0; i < 50; ++i) life.then({E::probe_missed, E::probe_missed, E::answered});
    EXPECT_EQ(life.m.phase(), ready);
    life.then({E::drain, E::probe_missed, E::probe_missed, E::answered, E::probe_missed, E::probe_missed});
    EXPECT_EQ(life.m.phase(), draining) << "a draining connection counts, but shows no suspicion";
}

TEST(MachineProbes, a_new_connection_does_not_inherit_misses) {
    Life life;
    life.come_up().then({E::probe_missed, E::probe_missed, E::lost, E::closed, E::backoff_due, E::granted});
    life.then({E::opened, E::handshake_ok, E::probe_missed, E::probe_missed});
    EXPECT_EQ(life.m.phase(), suspect);
}

// ---- monitoring -----------------------------------------------------------------------------------

TEST(MachineMonitoring, SM13_it_asks_for_the_connection_and_retries_a_first_connect) {
    Life life;
    life.on(E::start_monitoring);
    EXPECT_EQ(life.m.phase(), opening);
    EXPECT_TRUE(life.m.desired_up());
    life.on(E::attempt_failed);
    EXPECT_EQ(life.m.phase(), backoff) << "D2: it does not stop after one attempt";
}

TEST(MachineMonitoring, SM13_without_auto_reconnect_it_only_observes) {
    Life life(without_engine());
    life.on(E::start_monitoring);
    EXPECT_EQ(life.m.phase(), idle);
    EXPECT_TRUE(life.m.monitoring());
    EXPECT_FALSE(life.m.desired_up());
}

TEST(MachineMonitoring, SM4_started_twice_is_started_once) {
    Life life;
    life.then({E::start_monitoring, E::start_monitoring});
    EXPECT_FALSE(life.last.open || life.last.changed);
    EXPECT_EQ(life.m.epoch(), 1U);
}

TEST(MachineMonitoring, T26_stopping_never_changes_the_status_nor_a_running_episode) {
    for (Life life : a_life_in_every_phase()) {
        const Phase before = life.m.phase();
        const auto next = life.m.next_attempt_at();
        life.then({E::stop_monitoring, E::stop_monitoring});
        EXPECT_EQ(life.m.phase(), before);
        EXPECT_EQ(life.m.next_attempt_at(), next);
        EXPECT_FALSE(life.last.changed || life.last.close || life.last.cancel_timers || life.last.release_waiters);
    }
}

TEST(MachineMonitoring, B9_losses_are_healed_without_it) {
    Life life;
    life.come_up().then({E::start_monitoring, E::stop_monitoring, E::lost});
    EXPECT_EQ(life.m.phase(), backoff);
}

}  // namespace
}  // namespace haive::mcp
