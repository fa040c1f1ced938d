#pragma once

#include <haive/mcp/manager/manager.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace haive::bench {

/// Built-in servers over stdio, named `PREFIX0`, ...; `args` come on top of what all have.
[[nodiscard]] std::vector<mcp::UpstreamConfig> servers(const std::string& program, const std::string& prefix, int count,
                                                       std::vector<std::string> args = {});

/// A manager over a list of servers, from the start on: when each was connected, when all that count were listed.
class FleetRun {
public:
    using Clock = std::chrono::steady_clock;

    /// Those whose name begins with `good` count. Everything is started when this returns.
    FleetRun(std::vector<mcp::UpstreamConfig> servers, std::string good);
    ~FleetRun();
    FleetRun(const FleetRun&) = delete;
    FleetRun& operator=(const FleetRun&) = delete;

    [[nodiscard]] mcp::MCPManager& manager() noexcept { return *manager_; }
    /// From the start until the program had control again, in milliseconds.
    [[nodiscard]] double control_ms() const noexcept { return control_ms_; }
    /// From the start until all that count were connected and listed; below zero when it takes longer than a minute.
    [[nodiscard]] double ready_ms();
    [[nodiscard]] double since_start_ms(Clock::time_point when) const;
    /// When each was first connected, by name.
    [[nodiscard]] std::map<std::string, Clock::time_point> connected() const;

private:
    std::string good_;
    std::size_t wanted_ = 0;
    Clock::time_point began_;
    double control_ms_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Clock::time_point all_listed_;
    std::map<std::string, Clock::time_point> connected_;
    std::unique_ptr<mcp::MCPManager> manager_;
};

/// Calls at an even rate over a list of clients, each answered or not: how long each took.
struct CallTimes {
    std::vector<double> ms;
    std::size_t failed = 0;
};
[[nodiscard]] CallTimes steady_calls(const std::vector<std::shared_ptr<mcp::MCPClient>>& clients, double per_second,
                                     double seconds);

/// Calls one client again and again, one after the other, while it lives.
class CallLoop {
public:
    explicit CallLoop(std::shared_ptr<mcp::MCPClient> client);
    ~CallLoop();
    CallLoop(const CallLoop&) = delete;
    CallLoop& operator=(const CallLoop&) = delete;
    [[nodiscard]] std::uint64_t ended() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace haive::bench
