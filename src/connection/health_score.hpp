#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/connection/health.hpp"

#include <cstdint>
#include <type_traits>

namespace haive::mcp {

/// What the score is built with. Zero `ping_timeout` means min(10 s, half the interval).
struct HealthScoreOptions {
    Seconds health_check_interval{30.0};
    Seconds rtt_good{0.25};
    Seconds ping_timeout{0.0};
    int dead_after = 3;  ///< probes missed in a row that mean death
};

/// The options turned into the constants of the formulas. Immutable, shared by all readers.
struct HealthParameters {
    explicit HealthParameters(const HealthScoreOptions& options = {}) noexcept;

    double call_decay;   ///< 1 / half-life of the call window, per second
    double probe_decay;  ///< 1 / half-life of the probe window, per second
    double timeout;      ///< PT: a probe unanswered for this long is missed, seconds
    double expected;     ///< t_exp: until then waiting for a probe is nothing special, seconds
    double fast;         ///< T0: round trips up to this are perfect, seconds
    double slow;         ///< T1: from here on R is 0.5, seconds
    double dead_after;
};

enum class BreakerLevel : std::uint8_t { closed, half_open, open };

/// Everything the score remembers. Trivially copyable and two cache lines long, so that it can be
/// published whole; the score is computed from it at read time (H-8).
struct HealthState {
    double calls_good = 0;   ///< Sc, as of `calls_at`
    double calls_bad = 0;    ///< Fc, as of `calls_at`
    double probes_good = 0;  ///< Sp, as of `probes_at`
    double probes_bad = 0;   ///< Fp, as of `probes_at`
    double churn = 0;        ///< as of `churn_at`
    double streak = 0;       ///< c: failed calls in a row, each with its weight
    double round_trip = 0;   ///< smoothed, seconds
    double latency = 1;      ///< R, which changes only with `round_trip`
    TimePoint calls_at{};
    TimePoint probes_at{};
    TimePoint churn_at{};
    TimePoint last_good{};         ///< t_ok
    TimePoint observed = never;    ///< newest observation; `never` before the first
    TimePoint probe_sent = never;  ///< of the one outstanding probe
    float frozen = 0;              ///< s while `excused` (H-14)
    std::uint16_t missed = 0;      ///< m
    bool excused = false;          ///< the last probe timed out, but the peer is busy
    bool connected = false;
    BreakerLevel breaker = BreakerLevel::closed;
};
static_assert(std::is_trivially_copyable_v<HealthState> && sizeof(HealthState) <= 128);

/// The score at `now` and the reasons for it. Pure; any thread, on its own copy of the state.
[[nodiscard]] HealthReport health_report(const HealthState& state, const HealthParameters& parameters,
                                         TimePoint now) noexcept;

/// `is_healthy(threshold)`: connected and score >= threshold. NaN and thresholds above 1 give
/// false, thresholds up to 0 ask only for a connection (H-1).
[[nodiscard]] bool is_healthy(const HealthState& state, const HealthParameters& parameters, double threshold,
                              TimePoint now) noexcept;

/// Turns observations into the score of one connection (resilience rules 3.2, 3.3). Pure.
///
/// Three readings of 3.3 are fixed here; no row of table 3.4 depends on them:
/// - t_exp is max(1 s, 4 * rtt_good) and at most PT/2, not a multiple of the *measured* round trip:
///   with that, a larger RTT sample would stretch t_exp and so raise a later score (against H-4),
///   and from 2.5 s on t_exp would exceed PT.
/// - The smoothed round trip starts at T0 = min(rtt_good, PT/8) rather than at rtt_good, so that
///   the first score is 1.0 (H-3) at intervals below 4 s too.
/// - A failure of weight w adds w to the streak c.
class HealthScore {
public:
    explicit HealthScore(const HealthParameters& parameters = HealthParameters{}) noexcept;

    /// A new epoch begins, connected: all is forgotten but churn and the breaker (H-3).
    void handshake(TimePoint now) noexcept;
    /// The connection was lost against our will. `amount` is 1, or 0.5 for a session that the
    /// server forgot.
    void lost(TimePoint now, double amount = 1.0) noexcept;
    /// The connection was closed on purpose: no churn.
    void disconnected(TimePoint now) noexcept;

    /// The peer answered a call, with a result or with an error of its own.
    void call_ok(TimePoint now) noexcept;
    /// A call failed in transport. `weight` is 1, or 0.5 for HTTP 429 and unspecific 5xx.
    void call_failed(TimePoint now, double weight = 1.0) noexcept;

    void probe_sent(TimePoint now) noexcept;
    void probe_ok(TimePoint now, Duration round_trip) noexcept;
    void probe_missed(TimePoint now) noexcept;
    /// The probe timed out, but a serial peer is busy with a call (H-14): m stays, s is frozen so
    /// that this silence alone costs no more than one miss would (L >= 0.889 if m <= 1). Holds
    /// until the next response or real miss.
    void probe_inconclusive(TimePoint now) noexcept;
    /// The outstanding probe says nothing, e.g. the host slept meanwhile (SM-15).
    void probe_abandoned() noexcept;

    void set_breaker(BreakerLevel level) noexcept { state_.breaker = level; }

    [[nodiscard]] double score(TimePoint now) const noexcept { return report(now).score; }
    [[nodiscard]] HealthReport report(TimePoint now) const noexcept { return health_report(state_, parameters_, now); }
    [[nodiscard]] int missed() const noexcept { return state_.missed; }
    /// The third miss in a row has come (T14).
    [[nodiscard]] bool dead() const noexcept { return state_.missed >= parameters_.dead_after; }

    [[nodiscard]] const HealthState& state() const noexcept { return state_; }
    [[nodiscard]] const HealthParameters& parameters() const noexcept { return parameters_; }

private:
    void fade_calls(TimePoint now) noexcept;
    void fade_probes(TimePoint now) noexcept;
    void fade_churn(TimePoint now) noexcept;
    void sample_round_trip(double seconds) noexcept;
    void note_probe(TimePoint now, bool good) noexcept;

    HealthParameters parameters_;
    HealthState state_;
};

/// Health as an *event* for listeners, pools and logs: the score with hysteresis (H-9). Healthy is
/// left below 0.70 and regained at 0.80 and above after two successes. Pure.
class HealthSignal {
public:
    enum class Level : std::uint8_t {
        unknown,  ///< never connected so far: the first look decides plainly, at 0.70
        healthy,
        unhealthy,
    };

    /// Looks at the score after an event, or at any other time. `success`: the event was a response
    /// of the peer or a finished handshake. True if the level changed.
    bool look(const HealthReport& report, bool success) noexcept;

    [[nodiscard]] Level level() const noexcept { return level_; }

    static constexpr double leave_below = 0.70;
    static constexpr double return_at = 0.80;
    static constexpr int return_successes = 2;

private:
    bool enter(Level level) noexcept;

    Level level_ = Level::unknown;
    int successes_ = 0;  ///< since it became unhealthy
};

}  // namespace haive::mcp
