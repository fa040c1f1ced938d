#pragma once

#include "haive/mcp/observe/eviction_reason.hpp"
#include "haive/mcp/observe/operation_metrics.hpp"
#include "haive/mcp/observe/server_place.hpp"
#include "haive/mcp/observe/session_table.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace haive::mcp {

/// Why a connection that was up is up no more.
enum class DisconnectReason : std::uint8_t { user, peer, reset, exit, health, session, protocol, rotate };
/// Which repetition a call would bear (resilience table 4.3): `P`, `I`, `N`.
enum class CallClass : std::uint8_t { protocol_read, idempotent, never_twice };
enum class ProbeEnd : std::uint8_t { ok, miss, inconclusive };
enum class AttemptKind : std::uint8_t { connect, reconnect };
enum class CircuitState : std::uint8_t { closed, open, half_open };
enum class MemberState : std::uint8_t { idle, used, draining };
enum class LeaseMode : std::uint8_t { shared, session, exclusive };
/// What took too long: a wait for a member, or a lease whose member was to be closed.
enum class PoolTimeoutReason : std::uint8_t { acquire, lease };

/// What is asked of a connection when metrics are read, and not kept up to date in between.
struct ConnectionSample {
    std::size_t status = 0;  ///< place in ConnectionStatus
    double score = 0;
    double liveness = 1, errors = 1, streak = 1, latency = 1, breaker = 1, churn = 1;
    double uptime = 0;  ///< seconds since it came up; 0 while it is down
};

/// A connection, seen by the one who reads metrics. Any thread; must be quick and must not wait.
class MetricsSource {
public:
    virtual ~MetricsSource() = default;
    [[nodiscard]] virtual ConnectionSample sample() const noexcept = 0;
};

template <class Enum>
constexpr std::size_t at(Enum value) noexcept {
    return static_cast<std::size_t>(value);
}

/// The instruments of one server, resolved once and used without any look-up: `m.attempts...add()`.
///
/// Members may be recorded to from any thread, without locks. Several connections of one name share them, as a pool's
/// members do, or a server's old and new entry for a while: numbers add up, and whoever goes takes back what it had
/// added to a level. So `connection.status` and `circuit.state` count how many are in each state.
class ServerMetrics {
public:
    ServerMetrics(std::string name, bool with_histograms);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Histograms of this server, or nullptr where they are off (see MetricsOptions::histogram_servers).
    struct Histograms {
        OperationTable operations;
        SessionTable sessions;
        std::array<Histogram, 2> create_time;  ///< ok, failed
        Histogram backoff_time;
        Histogram outage_time;
        std::array<Histogram, 3> probe_duration;  ///< by ProbeEnd
        std::array<Histogram, 3> wait_time;       ///< of a pool, by LeaseMode
        std::array<Histogram, 3> use_time;
    };
    [[nodiscard]] Histograms* histograms() const noexcept { return histograms_.get(); }

    static constexpr std::size_t error_kinds = static_cast<std::size_t>(ErrorKind::invalid_config) + 1;

    // Connection.
    std::array<Counter, 2> health_changes;                         ///< to healthy, to unhealthy
    std::array<Counter, 2> attempts_ok;                            ///< by AttemptKind
    std::array<std::array<Counter, error_kinds>, 2> attempts_bad;  ///< by AttemptKind and ErrorKind
    std::array<Counter, 8> disconnections;                         ///< by DisconnectReason
    Counter probes_skipped;
    Counter stale_events;
    std::array<Counter, 2> io;  ///< bytes in, out
    // Requests.
    UpDownCounter active;                                                   ///< not ended, waits and retries included
    UpDownCounter pending;                                                  ///< of these: waiting for a connection
    std::array<Counter, 3> answered;                                        ///< by CallClass
    std::array<Counter, 3> tool_errors;                                     ///< by CallClass
    std::array<std::array<std::array<Counter, 3>, error_kinds>, 3> failed;  ///< by Disposition, ErrorKind, CallClass
    std::array<Counter, error_kinds> retries;                               ///< by ErrorKind of the failed attempt
    std::array<Counter, error_kinds> transparent_retries;
    Gauge retry_budget;
    Counter late_responses;
    // Circuit; absent from what is read until there is one.
    std::atomic<bool> has_circuit{false};
    std::array<UpDownCounter, 3> circuits;       ///< by CircuitState
    std::array<Counter, 3> circuit_transitions;  ///< to CircuitState
    // Pool; likewise.
    std::atomic<bool> has_pool{false};
    std::array<UpDownCounter, 3> members;  ///< by MemberState
    std::array<Counter, 2> pool_timeouts;  ///< by PoolTimeoutReason
    Counter pool_leaks;
    std::array<Counter, eviction_reasons> pool_evictions;  ///< by EvictionReason
    UpDownCounter pool_max;
    UpDownCounter pool_idle_min;

    /// The source is asked at every reading until it is detached; `detach` waits for a reading in progress.
    void attach(const MetricsSource& source);
    void detach(const MetricsSource& source) noexcept;
    /// Where it is, for the conventions' histograms. The newest counts.
    void set_place(ServerPlace place);

    /// All attached connections as one: how many in each status, the worst score, the longest uptime.
    struct Summary {
        std::array<std::uint32_t, 5> by_status{};
        ConnectionSample worst;
        std::size_t connections = 0;
        std::shared_ptr<const ServerPlace> place;  ///< never null
    };
    [[nodiscard]] Summary summary() const;

private:
    const std::string name_;
    const std::unique_ptr<Histograms> histograms_;
    mutable std::mutex mutex_;  // held while sources come, go and are asked; never by who records
    std::shared_ptr<const ServerPlace> place_;
    std::vector<const MetricsSource*> sources_;
};

}  // namespace haive::mcp
