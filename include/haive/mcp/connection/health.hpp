#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <string_view>

namespace haive::mcp {

/// The factors of the health score. Each is in [0, 1]; 1 means "nothing against it".
///
/// score = min(liveness, errors, streak, latency, breaker) * churn: the weakest link decides, then
/// an unsteady past weighs on it.
struct HealthFactors {
    /// L. How sure we are that somebody is there. Source: probes missed in a row and the one that
    /// is awaited now; any response puts it back to 1. 0.889 / 0.556 / 0 after 1 / 2 / 3 misses.
    double liveness = 1.0;
    /// E. Share of recent transport failures, the worse of two fading windows: calls (half-life
    /// half a health check interval) and probes (8 intervals). 0 at half of all failed. An error
    /// that the server *answered* (JSON-RPC error, `isError`, 4xx) is not a failure.
    double errors = 1.0;
    /// K. Calls failed in a row with no success for a second: 0.85, 0.70, ... down to 0.05.
    double streak = 1.0;
    /// R. Smoothed probe round trip against absolute thresholds (1 up to 0.25 s, 0.5 from 5 s, at
    /// the defaults); never below 0.5, for slow is not dead.
    double latency = 1.0;
    /// B. The circuit breaker: 1 closed, 0.5 half-open, 0.2 open.
    double breaker = 1.0;
    /// C. Unexpected disconnects, halved every 300 s: 0.1 off for each, never below 0.5. The only
    /// factor that outlives a connection's epoch (H-3).
    double churn = 1.0;
};

/// Which factor holds the score down.
enum class HealthFactor : std::uint8_t {
    none,        ///< nothing: the score is 1
    connection,  ///< not connected: the score is 0 (H-1)
    liveness,
    errors,
    streak,
    latency,
    breaker,
    churn,
};

[[nodiscard]] constexpr std::string_view to_string(HealthFactor factor) noexcept {
    switch (factor) {
        case HealthFactor::none: return "none";
        case HealthFactor::connection: return "connection";
        case HealthFactor::liveness: return "liveness";
        case HealthFactor::errors: return "errors";
        case HealthFactor::streak: return "streak";
        case HealthFactor::latency: return "latency";
        case HealthFactor::breaker: return "breaker";
        case HealthFactor::churn: return "churn";
    }
    return "none";
}

/// How healthy a connection is at one moment, and why.
struct HealthReport {
    /// In [0, 1], never NaN (H-2). 0 unless connected (H-1); exactly 1 right after the first
    /// connect. 0.7 reads as: about 15 % of recent calls fail in transport, or two probes in a row
    /// are missed, or the average round trip exceeds 1.5 s, or four reconnects in a few minutes.
    double score = 0.0;
    HealthFactors factors;
    /// The smallest factor; the first in the order of HealthFactors where two are equal.
    HealthFactor limiting = HealthFactor::connection;
    /// Age of the newest observation behind the score; Duration::max() if there was none.
    Duration evidence_age = Duration::max();
    Duration round_trip{};  ///< smoothed over probes; the "good" value until the first probe
    int missed_probes = 0;  ///< in a row
    bool connected = false;
};

}  // namespace haive::mcp
