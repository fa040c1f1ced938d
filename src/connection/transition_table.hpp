#pragma once

#include "connection/connection_machine.hpp"
#include "haive/mcp/connection/phase.hpp"

#include <array>
#include <string_view>

namespace haive::mcp {

/// One allowed change of phase. The machine asserts that each change it makes is one of these, the tests
/// walk them, and docs/internals/states.md is printed from them.
struct Transition {
    std::string_view rule;  ///< of the resilience specification
    Phase from;
    EventType event;
    std::string_view guard;
    Phase to;
    std::string_view action;
};

namespace transition_detail {
using enum Phase;
using E = EventType;

constexpr std::string_view opens = "epoch + 1, open once the old transport is closed";
constexpr std::string_view ends = "calls end with their verdict, churn + 1, close";
constexpr std::string_view closes = "desired down, timers off, waiting callers fail, close in order";

inline constexpr auto rows = std::to_array<Transition>({
    {"T1", idle, E::connect, "", opening, opens},
    {"T1", failed, E::connect, "", opening, opens},
    {"T1", exhausted, E::connect, "", opening, opens},
    {"T1", fatal, E::connect, "", opening, opens},
    {"T1", auth_wait, E::connect, "", opening, opens},
    {"SM-13", idle, E::start_monitoring, "auto_reconnect", opening, opens},
    {"SM-13", failed, E::start_monitoring, "auto_reconnect", opening, opens},
    {"SM-13", exhausted, E::start_monitoring, "auto_reconnect", opening, opens},
    {"T3", backoff, E::connect, "", gated, "cut the delay short, ask for leave"},
    {"U1", backoff, E::wanted, "rested, no patience asked for", gated,
     "cut the delay short, ask for leave; uses no attempt"},
    {"U1", exhausted, E::wanted, "engine active, rested", gated, "ask for leave; uses no attempt"},
    {"T5", closing, E::closed, "connect or start_monitoring came meanwhile", opening, opens},
    {"T6", opening, E::opened, "", handshaking, ""},
    {"T7", opening, E::handshake_ok, "", ready, "attempts shown 0, waiting callers go on, arm stable_uptime"},
    {"T7", handshaking, E::handshake_ok, "", ready, "attempts shown 0, waiting callers go on, arm stable_uptime"},
    {"T8", opening, E::attempt_failed, "retryable, engine active, attempts left", backoff, "close, arm the delay"},
    {"T8", handshaking, E::attempt_failed, "retryable, engine active, attempts left", backoff, "close, arm the delay"},
    {"T8", opening, E::attempt_failed, "retryable, engine active, none left", exhausted, "close"},
    {"T8", handshaking, E::attempt_failed, "retryable, engine active, none left", exhausted, "close"},
    {"T8", opening, E::attempt_failed, "retryable, engine not active", failed, "close"},
    {"T8", handshaking, E::attempt_failed, "retryable, engine not active", failed, "close"},
    {"T9", opening, E::attempt_failed, "not retryable", fatal, "close"},
    {"T9", handshaking, E::attempt_failed, "not retryable", fatal, "close"},
    {"T9", opening, E::attempt_failed, "needs credentials", auth_wait, "close"},
    {"T9", handshaking, E::attempt_failed, "needs credentials", auth_wait, "close"},
    {"T8", opening, E::lost, "as attempt_failed", backoff, "close, arm the delay"},
    {"T8", handshaking, E::lost, "as attempt_failed", backoff, "close, arm the delay"},
    {"T8", opening, E::lost, "as attempt_failed", exhausted, "close"},
    {"T8", handshaking, E::lost, "as attempt_failed", exhausted, "close"},
    {"T8", opening, E::lost, "as attempt_failed", failed, "close"},
    {"T8", handshaking, E::lost, "as attempt_failed", failed, "close"},
    {"T9", opening, E::lost, "as attempt_failed", fatal, "close"},
    {"T9", handshaking, E::lost, "as attempt_failed", fatal, "close"},
    {"T9", opening, E::lost, "as attempt_failed", auth_wait, "close"},
    {"T9", handshaking, E::lost, "as attempt_failed", auth_wait, "close"},
    {"T10", ready, E::lost, "engine active, attempts left", backoff, ends},
    {"T10", suspect, E::lost, "engine active, attempts left", backoff, ends},
    {"T10", draining, E::lost, "engine active, attempts left", backoff, ends},
    {"T10", ready, E::lost, "engine active, none left", exhausted, ends},
    {"T10", suspect, E::lost, "engine active, none left", exhausted, ends},
    {"T10", draining, E::lost, "engine active, none left", exhausted, ends},
    {"T11", ready, E::lost, "engine not active, graceful", idle, ends},
    {"T11", suspect, E::lost, "engine not active, graceful", idle, ends},
    {"T11", draining, E::lost, "engine not active, graceful", idle, ends},
    {"T11", ready, E::lost, "engine not active", failed, ends},
    {"T11", suspect, E::lost, "engine not active", failed, ends},
    {"T11", draining, E::lost, "engine not active", failed, ends},
    {"T9", ready, E::lost, "not retryable", fatal, ends},
    {"T9", suspect, E::lost, "not retryable", fatal, ends},
    {"T9", draining, E::lost, "not retryable", fatal, ends},
    {"T9", ready, E::lost, "needs credentials", auth_wait, ends},
    {"T9", suspect, E::lost, "needs credentials", auth_wait, ends},
    {"T9", draining, E::lost, "needs credentials", auth_wait, ends},
    {"T12", ready, E::probe_missed, "fewer than dead_after in a row", suspect, "probe again soon"},
    {"T13", suspect, E::answered, "", ready, "misses 0"},
    {"T14", ready, E::probe_missed, "dead_after in a row, engine active", backoff, "kill, as T10"},
    {"T14", suspect, E::probe_missed, "dead_after in a row, engine active", backoff, "kill, as T10"},
    {"T14", draining, E::probe_missed, "dead_after in a row, engine active", backoff, "kill, as T10"},
    {"T14", ready, E::probe_missed, "dead_after in a row, none left", exhausted, "kill, as T10"},
    {"T14", suspect, E::probe_missed, "dead_after in a row, none left", exhausted, "kill, as T10"},
    {"T14", draining, E::probe_missed, "dead_after in a row, none left", exhausted, "kill, as T10"},
    {"T14", ready, E::probe_missed, "dead_after in a row, engine not active", failed, "kill, as T11"},
    {"T14", suspect, E::probe_missed, "dead_after in a row, engine not active", failed, "kill, as T11"},
    {"T14", draining, E::probe_missed, "dead_after in a row, engine not active", failed, "kill, as T11"},
    {"T15", ready, E::session_lost, "first in 10 s", handshaking, "new session on the same transport"},
    {"T15", suspect, E::session_lost, "first in 10 s", handshaking, "new session on the same transport"},
    {"T15", draining, E::session_lost, "first in 10 s", handshaking, "new session on the same transport"},
    {"T15", ready, E::session_lost, "again, engine active", backoff, "close; uses no attempt"},
    {"T15", suspect, E::session_lost, "again, engine active", backoff, "close; uses no attempt"},
    {"T15", draining, E::session_lost, "again, engine active", backoff, "close; uses no attempt"},
    {"T15", ready, E::session_lost, "again, engine not active", failed, "close"},
    {"T15", suspect, E::session_lost, "again, engine not active", failed, "close"},
    {"T15", draining, E::session_lost, "again, engine not active", failed, "close"},
    {"T17", backoff, E::backoff_due, "", gated, "ask for leave"},
    {"T18", gated, E::granted, "old transport closed", opening, "attempts + 1, epoch + 1, open"},
    {"T18", gated, E::closed, "leave was granted", opening, "attempts + 1, epoch + 1, open"},
    {"T20", exhausted, E::revive_due, "revive_after set, monitoring", backoff, "attempts 0, arm the delay"},
    {"T21", ready, E::reconnect, "", opening, "close in order first; not an attempt, no churn"},
    {"T21", suspect, E::reconnect, "", opening, "close in order first; not an attempt, no churn"},
    {"T21", draining, E::reconnect, "", opening, "close in order first; not an attempt, no churn"},
    {"T22", backoff, E::reconnect, "", gated, "cut the delay short, ask for leave"},
    {"T23", idle, E::reconnect, "", opening, opens},
    {"T23", failed, E::reconnect, "", opening, opens},
    {"T23", fatal, E::reconnect, "", opening, opens},
    {"T23", auth_wait, E::reconnect, "", opening, opens},
    {"T16", auth_wait, E::credentials_changed, "desired up", opening, opens},
    {"P-6", ready, E::drain, "", draining, "no new calls"},
    {"P-6", suspect, E::drain, "", draining, "no new calls"},
    {"T25", opening, E::disconnect, "", closing, closes},
    {"T25", handshaking, E::disconnect, "", closing, closes},
    {"T25", ready, E::disconnect, "", closing, closes},
    {"T25", suspect, E::disconnect, "", closing, closes},
    {"T25", draining, E::disconnect, "", closing, closes},
    {"T25", backoff, E::disconnect, "a transport is still closing", closing, closes},
    {"T25", gated, E::disconnect, "a transport is still closing", closing, closes},
    {"T25", failed, E::disconnect, "a transport is still closing", closing, closes},
    {"T25", exhausted, E::disconnect, "a transport is still closing", closing, closes},
    {"T25", fatal, E::disconnect, "a transport is still closing", closing, closes},
    {"T25", auth_wait, E::disconnect, "a transport is still closing", closing, closes},
    {"T25", idle, E::disconnect, "a transport is still closing", closing, closes},
    {"T25", backoff, E::disconnect, "", idle, closes},
    {"T25", gated, E::disconnect, "", idle, closes},
    {"T25", failed, E::disconnect, "", idle, closes},
    {"T25", exhausted, E::disconnect, "", idle, closes},
    {"T25", fatal, E::disconnect, "", idle, closes},
    {"T25", auth_wait, E::disconnect, "", idle, closes},
    {"T25", closing, E::closed, "", idle, "the transport is gone"},
});
}  // namespace transition_detail

inline constexpr const auto& transitions = transition_detail::rows;

[[nodiscard]] constexpr bool transition_allowed(Phase from, EventType event, Phase to) noexcept {
    for (const Transition& t : transitions) {
        if (t.from == from && t.event == event && t.to == to) return true;
    }
    return false;
}

}  // namespace haive::mcp
