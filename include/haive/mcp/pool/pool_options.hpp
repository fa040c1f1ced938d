#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace haive::mcp {

/// Who may use a member of a pool at the same time (resilience P-1).
enum class PoolMode : std::uint8_t {
    shared,     ///< any call on any member: for servers that keep nothing between calls
    session,    ///< calls with the same affinity key stay on one member: for servers whose session has a memory
    exclusive,  ///< a member belongs to one lease at a time
};

[[nodiscard]] constexpr std::string_view to_string(PoolMode mode) noexcept {
    switch (mode) {
        case PoolMode::shared: return "shared";
        case PoolMode::session: return "session";
        case PoolMode::exclusive: return "exclusive";
    }
    return "shared";
}

/// How a pool of interchangeable connections to one server behaves. An aggregate for designated initialisers;
/// checked when a pool is constructed, else std::invalid_argument names the field.
struct PoolOptions {
    /// Unset: `shared` for servers of the modern era, `session` for legacy ones, whose process or session has a memory.
    std::optional<PoolMode> mode = std::nullopt;
    /// Members kept open although nobody uses them. 0..max_size.
    int min_size = 0;
    /// Members at most, 1..10,000. Unset: 1 over stdio (each is a process), else 8.
    std::optional<int> max_size = std::nullopt;
    /// Warm spares: members without a lease, opened ahead and probed, to replace a dead one at once.
    int min_idle = 0;
    /// Calls at once on one member, 1..10,000. Unset: 32 over byte streams, 100 over HTTP.
    std::optional<int> max_in_flight = std::nullopt;
    /// Waiters at most; one more is refused with `queue_full`.
    int max_waiting = 1024;
    /// How long an acquire waits; the call's deadline cuts it shorter. Above zero. Unset: the connection's
    /// `connection_timeout`.
    std::optional<Seconds> acquire_timeout = std::nullopt;
    /// A member unused for so long is closed, never below min_size. Zero: never.
    Seconds idle_timeout{600.0};
    /// A member is replaced at this age, less a random tenth, the new one opened first. Zero: never. Unset: never over
    /// stdio, else 1,800 s.
    std::optional<Seconds> max_lifetime = std::nullopt;
    /// How long calls on a retiring member may go on.
    Seconds drain_timeout{30.0};
    /// A session or exclusive lease on a member unused for so long is probed first. Zero: never.
    Seconds check_after_idle{30.0};
    Seconds check_timeout{2.0};
    /// An exclusive lease held for so long is reported once, with the place that took it. Zero: never; else at least 2.
    Seconds leak_threshold{0.0};
    /// Share of the members that may be set aside for bad health at once. 0..0.5.
    double max_ejected = 0.5;
};

}  // namespace haive::mcp
