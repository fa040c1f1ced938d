#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/connection/connection_info.hpp"
#include "haive/mcp/connection/health.hpp"
#include "haive/mcp/manager/catalogue.hpp"
#include "haive/mcp/manager/upstream_options.hpp"
#include "haive/mcp/pool/pool.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// One server of a manager at one moment.
struct UpstreamInfo {
    UpstreamInfo() = default;
    std::string name;
    bool required = false;
    StartPolicy start = StartPolicy::eager;
    /// Of its connection.
    ConnectionInfo connection;
    HealthReport health;
    Freshness freshness = Freshness::unknown;
    std::size_t tools = 0;
    std::size_t prompts = 0;
    std::size_t resources = 0;
    int in_flight = 0;
    int queued = 0;
    std::string_view breaker = "closed";  ///< closed, open, half_open
    std::uint64_t refused = 0;            ///< by the breaker and the queue together
    std::uint64_t hedged = 0;
    /// Of its connections, where it has a pool of them; `connection` is the first.
    std::optional<PoolStats> pool;
};

/// All servers of a manager in a few numbers (M-8). Servers that nobody asked for yet (`lazy`, `on_use`) count by
/// their status, but hold nothing back.
struct FleetHealth {
    FleetHealth() = default;
    std::size_t servers = 0;
    std::map<std::string_view, std::size_t> by_status;
    double lowest_score = 1;  ///< of those that should be up
    double median_score = 1;
    bool ready = true;                   ///< every required server is healthy
    std::vector<std::string> not_ready;  ///< the required ones that are not
};

/// How one server's start went.
struct StartResult {
    enum class Outcome : std::uint8_t {
        ready,     ///< connected, and all its lists are on offer
        starting,  ///< not yet: it goes on in the background, and is promoted when it is there
        failed,    ///< the first attempt failed; whether more follow, its status tells
        not_asked  ///< `lazy` or `on_use`
    };
    StartResult() = default;
    std::string server;
    bool required = false;
    Outcome outcome = Outcome::starting;
    std::optional<Error> error;  ///< with `failed`; with `starting` where it is connected and a list cannot be had
    Duration took{};
};

[[nodiscard]] constexpr std::string_view to_string(StartResult::Outcome outcome) noexcept {
    switch (outcome) {
        case StartResult::Outcome::ready: return "ready";
        case StartResult::Outcome::starting: return "starting";
        case StartResult::Outcome::failed: return "failed";
        case StartResult::Outcome::not_asked: return "not_asked";
    }
    return "starting";
}

/// How a start of all went: one result a server, in the order of the configuration.
struct StartReport {
    StartReport() = default;
    std::vector<StartResult> servers;
    /// Every required server is ready.
    [[nodiscard]] bool ready() const noexcept {
        for (const auto& each : servers) {
            if (each.required && each.outcome != StartResult::Outcome::ready) return false;
        }
        return true;
    }
};

/// What applying a list of servers changed, by name.
struct ApplyReport {
    ApplyReport() = default;
    std::vector<std::string> added;
    std::vector<std::string> changed;
    std::vector<std::string> removed;
    std::vector<std::string> unchanged;
};

}  // namespace haive::mcp
