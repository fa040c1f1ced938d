#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>

namespace haive::mcp {

/// What the schedule is built with. Zero `ping_timeout` means min(10 s, half the interval).
struct ProbeScheduleOptions {
    Seconds health_check_interval{30.0};
    Seconds ping_timeout{0.0};
    Seconds reprobe{0.0};  ///< zero: max(1 s, a sixth of the interval), at most the interval
};

/// What the driver knows about the connection at `now`. `never` where there is no such moment.
struct ProbeFacts {
    TimePoint last_response{};          ///< newest answer to any request; at first the handshake
    TimePoint last_byte{};              ///< newest inbound byte
    TimePoint oldest_sent = never;      ///< of the oldest request in flight
    TimePoint oldest_deadline = never;  ///< of that request
    /// When the first request in flight will have waited too long: the least of overdue_at().
    TimePoint overdue_at = never;
    bool serial_peer = false;      ///< answers one request at a time: stdio always, HTTP if learnt
    bool peer_running = true;      ///< the process runs; the socket has no unacknowledged data
    bool below_threshold = false;  ///< the score is under 0.7
};

enum class ProbeAction : std::uint8_t {
    wait,          ///< call next() again at `until`, or earlier if a request came into flight
    probe_now,     ///< send one probe; it times out at `until`
    missed,        ///< the outstanding probe timed out and counts; call next() again at `until`
    inconclusive,  ///< it timed out, but a busy peer is not a dead one; again at `until`
};

enum class ProbeReason : std::uint8_t {
    none,
    periodic,  ///< the interval is over, or the round trip is stale (H-11, H-12)
    reprobe,   ///< after a miss, or while the score is under 0.7 (H-11)
    early,     ///< a call waits in silence (H-13)
};

struct ProbeStep {
    ProbeAction action = ProbeAction::wait;
    TimePoint until = never;
    ProbeReason reason = ProbeReason::none;
};

/// When to probe one connection (resilience rules H-10 to H-15). Pure: facts, `now` and a number
/// `u`, uniform in [0, 1), come in; what to do comes out, and the schedule takes it as done.
///
/// The first probe after a handshake is never skipped: skipping it would re-arm every connection
/// of a start-up at handshake + interval, and so undo the spread of their phases (H-11).
/// Inconclusive probes follow each other at the interval and excuse a peer for 300 s in all, so
/// that a stream of new calls cannot hide a hung peer for ever (H-14).
/// At the defaults a silent peer is found dead within 73 s, or 45 s with a call in flight (3.5).
class ProbeSchedule {
public:
    explicit ProbeSchedule(const ProbeScheduleOptions& options = {}) noexcept;

    /// A connection came up. `phase`: stable_hash of its name.
    void start(TimePoint now, std::uint64_t phase) noexcept;
    /// No probes until start(): not connected, monitoring off, or `ping` unsupported.
    void stop() noexcept;

    [[nodiscard]] ProbeStep next(const ProbeFacts& facts, TimePoint now, double u) noexcept;

    /// The outstanding probe was answered.
    void answered(TimePoint now, double u) noexcept;
    /// The user asked for a health check (H-16), also while stopped: true if a probe has to be sent
    /// now, false if one is outstanding, which the user joins (H-15).
    bool user_probe(TimePoint now) noexcept;
    /// The host slept or the loop stood still: an outstanding probe does not count, and one new
    /// probe goes out within 5 s (SM-15). True if an outstanding probe was dropped.
    bool time_jumped(TimePoint now, double u) noexcept;

    /// Probes that recent answers made needless, since construction.
    [[nodiscard]] std::uint64_t skipped() const noexcept { return skipped_; }
    [[nodiscard]] bool outstanding() const noexcept { return outstanding_; }
    [[nodiscard]] Duration ping_timeout() const noexcept { return timeout_; }
    [[nodiscard]] Duration reprobe() const noexcept { return reprobe_; }

private:
    /// What the last probe came to; says how soon another one may follow.
    enum class Outcome : std::uint8_t { none, answered, missed, inconclusive };

    [[nodiscard]] ProbeStep send(TimePoint now, ProbeReason reason) noexcept;
    [[nodiscard]] ProbeStep conclude(const ProbeFacts& facts, TimePoint now, double u) noexcept;
    [[nodiscard]] bool excused(const ProbeFacts& facts, TimePoint now) noexcept;
    [[nodiscard]] ProbeStep earliest(const ProbeFacts& facts) const noexcept;
    [[nodiscard]] TimePoint early_at(const ProbeFacts& facts) const noexcept;
    [[nodiscard]] bool skips(const ProbeFacts& facts, TimePoint now) const noexcept;
    [[nodiscard]] Duration period(double u) const noexcept;

    Duration interval_;
    Duration timeout_;
    Duration reprobe_;
    TimePoint due_ = never;            ///< the periodic probe
    TimePoint sent_{};                 ///< the newest probe; the start before the first
    TimePoint concluded_{};            ///< its end; the start before the first
    TimePoint excused_since_ = never;  ///< the first inconclusive probe since the last response
    Outcome outcome_ = Outcome::none;
    bool running_ = false;
    bool outstanding_ = false;
    std::uint64_t skipped_ = 0;
    bool first_ = false;  ///< the first probe since start() is still to come
};

/// When a request sent at `sent` will have waited suspiciously long: max(5 s, twice the 95th
/// percentile of its method) (H-13).
[[nodiscard]] TimePoint overdue_at(TimePoint sent, Duration p95) noexcept;

/// Busy is not dead: a serial peer that runs, and works on a request that it got before the probe,
/// younger than its own deadline and than 300 s, may leave the probe unanswered (H-14).
[[nodiscard]] bool excused_as_busy(const ProbeFacts& facts, TimePoint probe_sent, TimePoint now) noexcept;

/// What is known about a peer's `ping`; worth keeping beside the era of a server.
enum class PingSupport : std::uint8_t {
    unknown,
    supported,    ///< it answered one once, be it with an error
    unsupported,  ///< it never answered one, but answered a list request instead
};

enum class MissVerdict : std::uint8_t {
    probe_again,         ///< too few misses in a row, or the second opinion is awaited
    ask_second_opinion,  ///< send one list request that the peer advertised, 30 s (no probe)
    dead,                ///< close and reconnect, reason `health` (T14)
};

/// The second opinion of H-10: a legacy peer that never answered a `ping` in its life is not killed
/// for missing pings before it left a list request unanswered too. Pure; lives as long as the
/// connection object, across its epochs.
class PingJury {
public:
    explicit PingJury(bool legacy = true, PingSupport remembered = PingSupport::unknown, int dead_after = 3) noexcept
        : dead_after_(dead_after), support_(remembered), legacy_(legacy) {}

    /// A new connection came up; what was asked of the old one is moot.
    void connected(bool legacy) noexcept {
        legacy_ = legacy;
        asked_ = false;
    }
    void ping_answered() noexcept;
    [[nodiscard]] MissVerdict missed(int misses_in_a_row) noexcept;
    /// The list request was answered, with a result or an error: from now on `unsupported`.
    void opinion_answered() noexcept;
    /// It was not, within 30 s.
    [[nodiscard]] MissVerdict opinion_failed() noexcept;

    [[nodiscard]] PingSupport support() const noexcept { return support_; }
    /// Probing is pointless: passive evidence and the process's state only.
    [[nodiscard]] bool passive() const noexcept { return support_ == PingSupport::unsupported; }
    [[nodiscard]] bool asking() const noexcept { return asked_; }

    static constexpr Duration opinion_timeout = std::chrono::seconds(30);

private:
    int dead_after_;
    PingSupport support_;
    bool legacy_;
    bool asked_ = false;
};

}  // namespace haive::mcp
