// The table of transitions: what it allows, and that the machine does all of it and nothing else.
#include "connection/transition_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
using enum Phase;
using E = EventType;

constexpr int phases = 13;

Phase phase(int i) { return static_cast<Phase>(i); }
EventType event(int i) { return static_cast<EventType>(i); }

using Triple = std::tuple<Phase, EventType, Phase>;

std::string text(const Triple& t) {
    const auto& [from, what, to] = t;
    std::ostringstream out;
    out << to_string(from) << " -- " << to_string(what) << " --> " << to_string(to);
    return out.str();
}

std::set<Triple> allowed_triples() {
    std::set<Triple> all;
    for (const Transition& t : transitions) all.emplace(t.from, t.event, t.to);
    return all;
}

/// Table 1.2 of the resilience rules, written down a second time: which phase may follow which.
const std::map<Phase, std::set<Phase>>& may_follow() {
    static const std::map<Phase, std::set<Phase>> pairs = {
        {idle, {opening, closing}},
        {closing, {idle, opening}},
        {opening, {handshaking, ready, backoff, exhausted, failed, fatal, auth_wait, closing}},
        {handshaking, {ready, backoff, exhausted, failed, fatal, auth_wait, closing}},
        {ready, {suspect, draining, handshaking, opening, backoff, exhausted, failed, idle, fatal, auth_wait, closing}},
        {suspect, {ready, draining, handshaking, opening, backoff, exhausted, failed, idle, fatal, auth_wait, closing}},
        {draining, {handshaking, opening, backoff, exhausted, failed, idle, fatal, auth_wait, closing}},
        {backoff, {gated, closing, idle}},
        {gated, {opening, closing, idle}},
        {failed, {opening, closing, idle}},
        {exhausted, {opening, backoff, gated, closing, idle}},
        {fatal, {opening, closing, idle}},
        {auth_wait, {opening, closing, idle}},
    };
    return pairs;
}

// ---- the table itself -----------------------------------------------------------------------------

TEST(TransitionTable, each_pair_of_phases_is_allowed_or_forbidden_as_the_rules_say) {
    int forbidden = 0;
    for (int i = 0; i < phases; ++i) {
        for (int j = 0; j < phases; ++j) {
            bool any = false;
            for (int e = 0; e < event_types; ++e) any = any || transition_allowed(phase(i), event(e), phase(j));
            EXPECT_EQ(any, may_follow().at(phase(i)).contains(phase(j)))
                << to_string(phase(i)) << " to " << to_string(phase(j));
            forbidden += !any;
        }
    }
    EXPECT_EQ(forbidden, 169 - 70);
}

TEST(TransitionTable, each_combination_that_is_no_row_is_refused) {
    const std::set<Triple> rows = allowed_triples();
    int refused = 0;
    for (int i = 0; i < phases; ++i) {
        for (int e = 0; e < event_types; ++e) {
            for (int j = 0; j < phases; ++j) {
                const Triple t(phase(i), event(e), phase(j));
                EXPECT_EQ(transition_allowed(phase(i), event(e), phase(j)), rows.contains(t)) << text(t);
                refused += !transition_allowed(phase(i), event(e), phase(j));
            }
        }
    }
    EXPECT_EQ(refused, phases * phases * event_types - static_cast<int>(rows.size()));
}

TEST(TransitionTable, no_row_is_there_twice_and_none_leads_back_to_itself) {
    EXPECT_EQ(allowed_triples().size(), transitions.size());
    for (const Transition& t : transitions) {
        EXPECT_NE(t.from, t.to) << text({t.from, t.event, t.to});
        EXPECT_FALSE(t.rule.empty());
    }
}

TEST(TransitionTable, events_that_must_never_move_anything_have_no_row) {
    for (const Transition& t : transitions) {
        EXPECT_NE(t.event, E::stop_monitoring) << "T26: never changes status";
        EXPECT_NE(t.event, E::stable_due) << "T19: forgets attempts, nothing else";
    }
}

TEST(TransitionTable, SM6_only_a_user_leads_out_of_idle) {
    for (const Transition& t : transitions) {
        if (t.from != idle) continue;
        EXPECT_TRUE(t.event == E::connect || t.event == E::reconnect || t.event == E::start_monitoring ||
                    t.event == E::disconnect)
            << text({t.from, t.event, t.to});
    }
}

TEST(TransitionTable, T25_disconnect_leads_out_of_every_phase_to_disconnected_only) {
    std::set<Phase> left;
    for (const Transition& t : transitions) {
        if (t.event != E::disconnect) continue;
        left.insert(t.from);
        EXPECT_TRUE(t.to == closing || t.to == idle) << text({t.from, t.event, t.to});
    }
    EXPECT_EQ(left.size(), phases - 1U) << "all but closing, where it is under way";
}

TEST(TransitionTable, T9_without_new_input_nothing_leads_out_of_fatal_and_auth_wait) {
    for (const Transition& t : transitions) {
        if (t.from != fatal && t.from != auth_wait) continue;
        EXPECT_TRUE(t.event == E::connect || t.event == E::reconnect || t.event == E::disconnect ||
                    (t.from == auth_wait && t.event == E::credentials_changed))
            << text({t.from, t.event, t.to});
    }
}

// ---- the machine against the table ----------------------------------------------------------------

/// A machine brought somewhere by words, e.g. "connect opened handshake lost closed".
class Driven {
public:
    explicit Driven(const MachineOptions& options) : machine(options) {}

    Actions on(EventType type, const Cause& cause = Cause()) {
        MachineEvent e;
        e.type = type;
        e.cause = cause;
        e.random = 0.5;
        now += 1ms;
        return machine.on(e, now);
    }

    void walk(const std::string& words) {
        std::istringstream in(words);
        for (std::string word; in >> word;) {
            if (word == "later") {
                now += 1s;
                continue;
            }
            Cause cause;
            if (word == "fatal") cause.cls = AttemptClass::fatal;
            if (word == "auth") cause.cls = AttemptClass::auth;
            cause.graceful = word == "ended";
            on(meaning(word), cause);
        }
    }

    ConnectionMachine machine;
    TimePoint now{};

private:
    static EventType meaning(const std::string& word) {
        static const std::map<std::string, EventType> words = {
            {"connect", E::connect},
            {"reconnect", E::reconnect},
            {"disconnect", E::disconnect},
            {"monitor", E::start_monitoring},
            {"opened", E::opened},
            {"handshake", E::handshake_ok},
            {"failed", E::attempt_failed},
            {"fatal", E::attempt_failed},
            {"auth", E::attempt_failed},
            {"lost", E::lost},
            {"ended", E::lost},
            {"session", E::session_lost},
            {"missed", E::probe_missed},
            {"due", E::backoff_due},
            {"granted", E::granted},
            {"closed", E::closed},
            {"drain", E::drain},
            {"wanted", E::wanted},
        };
        return words.at(word);
    }
};

struct Situation {
    Phase phase;
    std::string words;
};

const std::string up = "connect opened handshake ";
const std::string retry = "closed due granted ";

/// Every phase, with what came before that can make a difference.
std::vector<Situation> situations() {
    const std::string used_up = up + "lost " + retry + "failed " + retry;  // of two attempts
    return {
        {idle, ""},
        {idle, up + "ended"},  // engine off: the transport is still closing
        {opening, "connect"},
        {opening, used_up},
        {opening, "monitor"},
        {opening, up + "reconnect"},
        {handshaking, "connect opened"},
        {handshaking, used_up + "opened"},
        {handshaking, up + "session"},
        {ready, up},
        {ready, used_up + "handshake"},
        {ready, up + "session handshake"},
        {suspect, up + "missed"},
        {suspect, up + "missed missed"},
        {suspect, used_up + "handshake missed missed"},
        {suspect, up + "session handshake missed"},
        {draining, up + "drain"},
        {draining, up + "drain missed missed"},
        {draining, used_up + "handshake drain missed missed"},
        {draining, up + "session handshake drain"},
        {backoff, up + "lost"},
        {backoff, up + "lost closed"},
        {backoff, up + "lost " + retry + "failed closed later"},
        {backoff, "monitor failed closed"},
        {gated, up + "lost due"},
        {gated, up + "lost due granted"},
        {gated, up + "lost closed due"},
        {failed, "connect failed"},
        {failed, "connect failed closed"},
        {exhausted, used_up + "failed"},
        {exhausted, used_up + "failed closed"},
        {exhausted, used_up + "failed closed later"},
        {exhausted, "monitor " + used_up + "failed closed"},
        {fatal, "connect fatal"},
        {fatal, "connect fatal closed"},
        {auth_wait, "connect auth"},
        {auth_wait, "connect auth closed"},
        {closing, up + "disconnect"},
        {closing, up + "disconnect connect"},
        {closing, "connect disconnect monitor"},
    };
}

std::vector<MachineOptions> kinds_of_options() {
    MachineOptions engine;
    engine.max_reconnect_attempts = 2;
    engine.revive_after = 300s;
    engine.jitter = 0;
    MachineOptions manual = engine;
    manual.auto_reconnect = false;
    MachineOptions none = engine;
    none.max_reconnect_attempts = 0;
    MachineOptions strict = engine;
    strict.max_missed_probes = 1;
    MachineOptions strict_manual = manual;
    strict_manual.max_missed_probes = 1;
    return {engine, manual, none, strict, strict_manual};
}

std::vector<Cause> causes_of(EventType type) {
    std::vector<Cause> causes(1);
    if (type != E::attempt_failed && type != E::lost) return causes;
    for (const AttemptClass cls : {AttemptClass::retryable, AttemptClass::fatal, AttemptClass::auth}) {
        for (const bool graceful : {false, true}) {
            Cause cause;
            cause.cls = cls;
            cause.graceful = graceful;
            causes.push_back(cause);
        }
    }
    return causes;
}

struct Walked {
    std::set<Triple> moves;
    std::set<Phase> began_in;
};

/// Every event, with every cause, in every situation, under every kind of options.
Walked walk_everything() {
    Walked out;
    for (const MachineOptions& options : kinds_of_options()) {
        for (const Situation& situation : situations()) {
            Driven there(options);
            there.walk(situation.words);
            const Phase from = there.machine.phase();
            if (from == situation.phase) out.began_in.insert(from);
            for (int e = 0; e < event_types; ++e) {
                for (const Cause& cause : causes_of(event(e))) {
                    Driven copy = there;
                    copy.on(event(e), cause);
                    if (copy.machine.phase() != from) out.moves.emplace(from, event(e), copy.machine.phase());
                }
            }
        }
    }
    return out;
}

TEST(MachineTransitions, the_situations_of_these_tests_lead_where_they_say) {
    EXPECT_EQ(walk_everything().began_in.size(), static_cast<std::size_t>(phases));
    int unmet = 0;
    for (const Situation& situation : situations()) {
        bool met = false;
        for (const MachineOptions& options : kinds_of_options()) {
            Driven there(options);
            there.walk(situation.words);
            met = met || there.machine.phase() == situation.phase;
        }
        EXPECT_TRUE(met) << to_string(situation.phase) << ": " << situation.words;
        unmet += !met;
    }
    EXPECT_EQ(unmet, 0);
}

TEST(MachineTransitions, every_row_of_the_table_can_be_walked) {
    const Walked walked = walk_everything();
    for (const Triple& row : allowed_triples()) EXPECT_TRUE(walked.moves.contains(row)) << text(row);
}

TEST(MachineTransitions, no_event_in_any_situation_makes_another_move) {
    for (const Triple& move : walk_everything().moves) {
        const auto& [from, what, to] = move;
        EXPECT_TRUE(transition_allowed(from, what, to)) << text(move);
        EXPECT_TRUE(may_follow().at(from).contains(to)) << text(move);
    }
}

TEST(MachineTransitions, each_phase_shows_the_status_that_the_rules_give_it) {
    using S = ConnectionStatus;
    const std::map<Phase, std::set<S>> expected = {
        {idle, {S::disconnected}},
        {closing, {S::disconnected}},
        {opening, {S::connecting, S::reconnecting}},
        {handshaking, {S::connecting, S::reconnecting}},
        {ready, {S::connected}},
        {suspect, {S::connected}},
        {draining, {S::connected}},
        {backoff, {S::reconnecting}},
        {gated, {S::reconnecting}},
        {failed, {S::error}},
        {exhausted, {S::error}},
        {fatal, {S::error}},
        {auth_wait, {S::error}},
    };
    std::map<Phase, std::set<S>> seen;
    for (const MachineOptions& options : kinds_of_options()) {
        for (const Situation& situation : situations()) {
            Driven there(options);
            there.walk(situation.words);
            seen[there.machine.phase()].insert(there.machine.status());
        }
    }
    EXPECT_EQ(seen, expected);
}

TEST(MachineTransitions, a_move_is_told_dated_and_a_standstill_is_not) {
    for (const MachineOptions& options : kinds_of_options()) {
        for (const Situation& situation : situations()) {
            Driven there(options);
            there.walk(situation.words);
            for (int e = 0; e < event_types; ++e) {
                Driven copy = there;
                const Actions actions = copy.on(event(e));
                const bool moved = copy.machine.phase() != there.machine.phase();
                EXPECT_EQ(actions.changed, moved) << situation.words << " + " << to_string(event(e));
                EXPECT_EQ(copy.machine.since(), moved ? copy.now : there.machine.since());
            }
        }
    }
}

TEST(MachineTransitions, an_event_of_another_transport_moves_nothing_anywhere) {
    for (const MachineOptions& options : kinds_of_options()) {
        for (const Situation& situation : situations()) {
            Driven there(options);
            there.walk(situation.words);
            for (int e = 0; e < event_types; ++e) {
                Driven copy = there;
                MachineEvent stale;
                stale.type = event(e);
                stale.epoch = there.machine.epoch() + 1000;
                const Actions actions = copy.machine.on(stale, copy.now + 1h);
                EXPECT_TRUE(actions.stale);
                EXPECT_FALSE(actions.changed || actions.open || actions.close || actions.ask_grant ||
                             actions.cancel_timers || actions.release_waiters || actions.arm_backoff)
                    << situation.words << " + " << to_string(event(e));
                EXPECT_EQ(copy.machine.phase(), there.machine.phase());
                EXPECT_EQ(copy.machine.since(), there.machine.since());
            }
        }
    }
}

}  // namespace
}  // namespace haive::mcp
