#pragma once

#include "connection/open_gate.hpp"
#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/observe/metrics.hpp"
#include "manager/connect_schedule.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace haive::mcp {

/// The driver around connect_schedule: one gate a connection, one schedule for all. Loop thread only.
class FleetGate : public std::enable_shared_from_this<FleetGate> {
public:
    /// `metrics` may be null.
    FleetGate(Loop& loop, const ConnectScheduleOptions& options, std::shared_ptr<Metrics> metrics);

    /// The gate of one connection to `origin` (MCPTransport::origin). It keeps the schedule alive.
    [[nodiscard]] std::shared_ptr<OpenGate> gate_for(std::string_view origin, OpenKind kind);

    [[nodiscard]] const ConnectSchedule& schedule() const noexcept { return schedule_; }
    /// Somebody who is waited for waits for leave to open, or somebody uses it and is not late.
    [[nodiscard]] bool expects_others() { return schedule_.busy(loop_.now()); }
    /// Runs once for each storm of losses.
    std::function<void()> on_storm;

private:
    class Gate;
    class Ticket;
    void pump();
    void count(std::int64_t change);

    Loop& loop_;
    const std::shared_ptr<Metrics> metrics_;
    ConnectSchedule schedule_;
    Timer timer_;
    ConnectSchedule::Number next_number_ = 1;
    std::unordered_map<ConnectSchedule::Number, UniqueFunction<void()>> waiting_;
};

}  // namespace haive::mcp
