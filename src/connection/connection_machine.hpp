#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/connection/connection_status.hpp"
#include "haive/mcp/connection/phase.hpp"
#include "haive/mcp/transport/channel.hpp"

#include <cstdint>
#include <optional>

namespace haive::mcp {

struct MachineOptions {
    bool auto_reconnect = true;
    int max_reconnect_attempts = 5;  ///< 0 none, negative no limit
    Duration reconnect_delay = std::chrono::seconds(1);
    Duration max_reconnect_delay = std::chrono::seconds(60);
    Duration health_check_interval = std::chrono::seconds(30);
    double jitter = 0.5;
    double backoff_multiplier = 2;
    std::optional<Duration> stable_uptime;
    std::optional<Duration> revive_after;
    Duration retry_after_cap = std::chrono::seconds(300);
    int max_missed_probes = 3;
};

enum class EventType : std::uint8_t {
    connect,
    reconnect,
    disconnect,
    start_monitoring,
    stop_monitoring,
    opened,
    handshake_ok,
    attempt_failed,
    lost,
    session_lost,
    probe_missed,
    answered,
    backoff_due,
    granted,
    stable_due,
    revive_due,
    closed,
    drain,
    credentials_changed,
    wanted,
};
inline constexpr int event_types = 20;
[[nodiscard]] std::string_view to_string(EventType type) noexcept;

/// Why an attempt failed or a transport was lost.
struct Cause {
    AttemptClass cls = AttemptClass::retryable;
    ErrorKind kind = ErrorKind::connection_lost;
    std::optional<Duration> retry_after;
    bool graceful = false;
};

struct MachineEvent {
    EventType type{};
    std::uint64_t epoch = 0;  ///< of the transport it is about; 0 when it is about none
    Cause cause;
    double random = 0;   ///< uniform in [0, 1), for the jitter
    bool storm = false;  ///< many connections of the fleet were lost at once: the jitter is 1
};

/// How a waiting caller is let go.
enum class Release : std::uint8_t { ok, failed };

/// What the driver has to do, in the order of the members.
struct Actions {
    bool stale = false;          ///< the event belonged to another epoch: nothing happened (SM-1)
    bool changed = false;        ///< phase or status changed: publish and tell
    bool cancel_timers = false;  ///< backoff, stable and revive
    double churn = 0;            ///< an unexpected loss, for the health score
    std::optional<Duration> arm_backoff;
    std::optional<Duration> arm_stable;
    std::optional<Duration> arm_revive;
    std::optional<CloseMode> close;  ///< close the transport; `closed` answers
    bool ask_grant = false;          ///< ask for leave to open; `granted` answers
    bool open = false;               ///< open a transport under `epoch()`
    bool handshake = false;          ///< handshake anew on the open transport (session lost)
    std::optional<Release> release_waiters;
};

/// The connection's life as a pure function of (state, event, now): table 1.2 of the resilience rules,
/// printed in docs/internals/states.md. Nothing else decides when to open, wait, give up or close.
class ConnectionMachine {
public:
    explicit ConnectionMachine(const MachineOptions& options) noexcept : options_(options) {}

    [[nodiscard]] Actions on(const MachineEvent& event, TimePoint now);

    [[nodiscard]] Phase phase() const noexcept { return phase_; }
    [[nodiscard]] ConnectionStatus status() const noexcept;
    [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
    /// Of the transport that is being closed, or was last.
    [[nodiscard]] std::uint64_t closing_epoch() const noexcept { return closing_epoch_; }
    /// Attempts of the present outage as users see them: 0 once connected.
    [[nodiscard]] int attempts_public() const noexcept { return attempts_public_; }
    /// Attempts charged to the episode; survives a handshake until the connection was stable (B-6).
    [[nodiscard]] int episode_attempts() const noexcept { return attempts_; }
    /// The attempt that is due or under way was asked for by a call (U1): calls may wait for its end.
    [[nodiscard]] bool woken() const noexcept { return woken_; }
    /// An attempt is asked for already and waits for the old transport to be gone.
    [[nodiscard]] bool attempt_pending() const noexcept { return connect_when_closed_ || open_when_closed_; }
    [[nodiscard]] bool desired_up() const noexcept { return desired_up_; }
    [[nodiscard]] bool monitoring() const noexcept { return monitoring_; }
    [[nodiscard]] std::optional<TimePoint> next_attempt_at() const noexcept { return next_attempt_; }
    [[nodiscard]] TimePoint since() const noexcept { return since_; }
    [[nodiscard]] int missed_probes() const noexcept { return missed_; }
    /// Whether an `answered` event would change anything; saves one per call.
    [[nodiscard]] bool wants_answer() const noexcept { return phase_ == Phase::suspect || !answered_; }

private:
    enum class Wire : std::uint8_t { none, live, closing };

    void dispatch(const MachineEvent& event);
    void enter(Phase next);
    void on_connect();
    void on_reconnect();
    void on_disconnect();
    void on_attempt_failed(const MachineEvent& event);
    void on_lost(const MachineEvent& event, CloseMode how);
    void on_session_lost(const MachineEvent& event);
    void on_probe_missed(const MachineEvent& event);
    void on_answered();
    void on_wanted();
    void on_closed();
    void on_handshake_ok();
    void begin(bool in_episode);
    void open_now();
    void close_wire(CloseMode how);
    void schedule(const MachineEvent& event);
    void rest(const Cause& cause, const MachineEvent& event);
    void forget_episode();
    void ask_leave();
    [[nodiscard]] bool engine_active() const noexcept;
    [[nodiscard]] bool up() const noexcept;
    [[nodiscard]] Duration stable_uptime() const noexcept;

    MachineOptions options_;
    Phase phase_ = Phase::idle;
    Wire wire_ = Wire::none;
    std::uint64_t epoch_ = 0;
    std::uint64_t closing_epoch_ = 0;
    int attempts_ = 0;
    int attempts_public_ = 0;
    int missed_ = 0;
    bool desired_up_ = false;
    bool monitoring_ = false;
    bool was_connected_ = false;  // since desired_up_ was set
    bool in_episode_ = false;     // opening again, not for the first time
    bool open_when_closed_ = false;
    bool connect_when_closed_ = false;
    bool free_attempt_ = false;  // the next grant is not charged (T15)
    bool granted_ = false;
    bool answered_ = false;  // in this epoch
    bool stable_ = false;    // up for stable_uptime, an answer still outstanding
    bool paced_ = false;     // the pause under way is one that the server asked for
    bool woken_ = false;     // by a call, until the attempt has ended
    int wakes_ = 0;          // by calls, in this outage
    std::optional<TimePoint> next_attempt_;
    std::optional<TimePoint> last_failure_;  // the end of the last attempt or connection
    std::optional<TimePoint> last_session_loss_;
    TimePoint since_{};
    TimePoint now_{};
    Actions* out_ = nullptr;  // while an event is taken in
};

}  // namespace haive::mcp
