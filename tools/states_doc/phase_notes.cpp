#include "states_doc/phase_notes.hpp"

namespace haive::mcp::states_doc {

std::string_view note_on(Phase phase) noexcept {
    switch (phase) {
        case Phase::idle:
            return R"(Nothing is open and nothing is planned: no transport, no timer, no process. A connection starts
here, and `disconnect()` brings it back here. A graceful end of the server with the engine off
ends here too. Calls fail with `not_connected`, not sent.)";
        case Phase::closing:
            return R"(`disconnect()` was called and the server is being ended. The handle of `disconnect()` is done
when the process is gone, which is bounded (see [processes.md](processes.md#ending-a-server)). A
`connect()` that comes meanwhile is remembered and begins when the old transport is gone.)";
        case Phase::opening:
            return R"(The transport is being opened: a process is started, pipes are made. The status is `connecting`
at first and after rest, `reconnecting` inside an outage or a forced replacement. Other callers
of `connect()` and `reconnect()` join this attempt. Where an old transport is still closing, the
new one waits for it.)";
        case Phase::handshaking:
            return R"(The transport is open and the two sides agree on an era and a version. The limit is that of the
attempt, opening included (`connection_timeout`). When the answer is a new session on a
transport that stayed, the status is `reconnecting` and nothing was opened.)";
        case Phase::ready:
            return R"(Usable. Calls go out, probes go out while the connection is monitored, and the health score is
above zero unless enough goes wrong. A low score never ends a connection; only lost transports
and missed probes do. After `stable_uptime` with an answer seen, the attempts of the outage are
forgotten.)";
        case Phase::suspect:
            return R"(As `ready`, but the newest probe was missed. Calls still go out. Probes follow each other
faster. The answer to any request, also an error or a late answer to the probe, leads back to
`ready`; `dead_after` misses in a row end the process.)";
        case Phase::draining:
            return R"(As `ready`, for the member of a pool that is about to be replaced: its calls in flight come to
their end, and the pool gives it no new ones. There is no pool yet, so nothing asks for it; the
rows are tested.)";
        case Phase::backoff:
            return R"(The transport is lost, and a timer runs to the next attempt: `reconnect_delay`, doubled for each
attempt, never above `max_reconnect_delay`, and then shortened by chance (`jitter`, by half at
most unless set). `get_info()` shows `next_attempt_in`. Calls fail with `not_connected`, or wait
if they asked to (`wait_for_ready`).)";
        case Phase::gated:
            return R"(The delay is over, and the connection asks for leave to open. A connection alone is granted it
at once; the phase is the seam where a fleet will space its starts. It also lasts while the old
process is not reaped yet: two processes of one server never live at the same time.)";
        case Phase::failed:
            return R"(The last attempt failed and none will follow by itself: the engine is off, or the first
`connect()` failed without monitoring. `get_info().last_error` and `explain()` say why.)";
        case Phase::exhausted:
            return R"(All `max_reconnect_attempts` of one outage are used up. `reconnect()` gives an empty result at
once; `connect()` and `start_monitoring()` start afresh. With `revive_after` set and monitoring
on, a new outage begins by itself after that time.)";
        case Phase::fatal:
            return R"(Trying again cannot help until somebody changes something: the command does not exist or is not
executable, the working directory is missing, client and server share no version. `explain()`
names the mend. `connect()` and `reconnect()` try again; `start_monitoring()` does not.)";
        case Phase::auth_wait:
            return R"(The server wants credentials. Over stdio and Docker nothing leads here; it is there for HTTP,
which is planned.)";
    }
    return "";
}

}  // namespace haive::mcp::states_doc
