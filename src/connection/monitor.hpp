#pragma once

#include "client/session.hpp"
#include "connection/health_score.hpp"
#include "connection/probe_schedule.hpp"
#include "connection/time_jump_detector.hpp"
#include "haive/mcp/base/loop.hpp"

#include <memory>

namespace haive::mcp {

class ConnectionCore;
struct ConnectionOptions;

/// The driver around the pure probe_schedule: sends probes, counts their ends, tells the machine.
/// Two separate questions stay separate: misses may end the connection, the score never does.
class Monitor {
public:
    Monitor(ConnectionCore& core, Loop& loop, const ConnectionOptions& options);

    void set_active(bool active);
    [[nodiscard]] bool active() const noexcept { return active_; }
    /// A generation came up, or went.
    void on_ready();
    void on_gone();
    /// A call was answered, or was lost: the health signal may have changed.
    void on_success();
    void on_failure();
    /// A call is on its way: a silent one will call for a probe.
    void on_call();
    /// Waits for the end of a probe, sending one if none is out. False: it was missed or there is no
    /// connection any more.
    Task<Result<bool>> check(std::shared_ptr<CancelSlot> cancel);

    [[nodiscard]] Duration ping_timeout() const noexcept { return schedule_.ping_timeout(); }

private:
    void evaluate();
    void arm(TimePoint due);
    void send_probe();
    detail::Detached run_probe(std::shared_ptr<ClientSession> session, std::uint64_t number);
    detail::Detached ask_second_opinion(std::shared_ptr<ClientSession> session);
    void on_probe_answer(std::uint64_t number, Duration round_trip);
    void on_missed();
    void look(bool success);
    void tell(std::string_view outcome, std::optional<Duration> round_trip);
    [[nodiscard]] ProbeFacts facts() const;

    ConnectionCore& core_;
    Loop& loop_;
    ProbeSchedule schedule_;
    PingJury jury_;
    HealthSignal signal_;
    Timer timer_;
    TimeJumpDetector jumps_;
    std::uint64_t probe_number_ = 0;
    bool active_ = false;
    bool up_ = false;
};

}  // namespace haive::mcp
