#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/client/client_options.hpp"
#include "haive/mcp/transport/runtime.hpp"

#include <memory>
#include <optional>

namespace haive::mcp {

/// How a connection behaves. The first six are the documented ones, with the documented defaults.
///
/// An aggregate for designated initialisers: `{.auto_reconnect = false, .health_check_interval = 5s}`.
/// Values are checked when a connection is constructed: finite, not negative, ping_timeout below
/// health_check_interval, reconnect_delay at most max_reconnect_delay, connection_timeout above zero;
/// else std::invalid_argument names the field.
struct ConnectionOptions {
    /// Re-establish a lost connection unasked.
    bool auto_reconnect = true;
    /// Automatic attempts per outage; 0 means none, negative means no limit. Afterwards the connection
    /// rests in `exhausted`. The default five cover an outage of 15 to 31 s.
    int max_reconnect_attempts = 5;
    /// First delay, doubled for each further attempt; jitter only ever shortens it, by `jitter` at most.
    Seconds reconnect_delay{1.0};
    /// No delay is longer.
    Seconds max_reconnect_delay{60.0};
    /// Between health checks while monitored.
    Seconds health_check_interval{30.0};
    /// Limit of `connect()`: start, era detection and handshake together.
    Seconds connection_timeout{30.0};

    /// 0..1: how much of a delay chance may take away (B-2). Unset: 0.5, and 0.75 for a manager's servers, which
    /// are apt to be lost together.
    std::optional<double> jitter = std::nullopt;
    double backoff_multiplier = 2.0;
    /// Uptime after which an outage is over and its attempts are forgotten (B-6).
    /// Unset: max(health_check_interval, twice the last delay), within 10..600 s.
    std::optional<Seconds> stable_uptime = std::nullopt;
    /// From `exhausted`, with monitoring on, start over after this long (B-7); zero: never. Unset: never, and 300 s
    /// for a manager's servers, which have nobody who would try them again.
    std::optional<Seconds> revive_after = std::nullopt;
    /// Longest pause a server may ask for (B-5).
    Seconds retry_after_cap{300.0};
    /// Zero means min(10 s, health_check_interval / 2).
    Seconds ping_timeout{0.0};
    /// Probes missed in a row that mean death.
    int dead_after = 3;
    /// Longest silence of a call that brings no limit of its own.
    Seconds request_timeout{60.0};
    /// Believe `readOnlyHint` and `idempotentHint` of this server when deciding on a retry.
    bool trust_annotations = false;
    /// What calls do while the connection is being healed, unless they say otherwise: wait for it (at
    /// most 5 s), or fail at once.
    bool wait_for_ready = false;

    /// Who the client is, its handlers, roots and era.
    ClientOptions client = ClientOptions();
    /// Unset: the shared default runtime.
    std::shared_ptr<Runtime> runtime = nullptr;
};

}  // namespace haive::mcp
