#pragma once

#include "haive/mcp/base/time.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace haive::mcp {

/// When a protocol read that takes long is asked a second time: after the time that 95 of 100 of its
/// predecessors needed, and for one call in twenty at most, however slow the server becomes. Pure.
class HedgePlan {
public:
    /// How long the first attempt has before the second may go; nothing while too little is known.
    [[nodiscard]] std::optional<Duration> delay() const noexcept { return delay_; }
    /// Takes the cost of a hedge, if there is any left.
    [[nodiscard]] bool spend() noexcept;
    /// A call was made, and answered in `took`.
    void answered(Duration took) noexcept;

private:
    static constexpr std::size_t kept = 64;
    static constexpr std::size_t enough = 20;
    static constexpr Duration shortest = std::chrono::milliseconds(10);
    static constexpr double per_call = 0.05;
    static constexpr double most_tokens = 5;

    std::array<Duration, kept> times_{};
    std::size_t count_ = 0;
    double tokens_ = 1;
    std::optional<Duration> delay_;
};

}  // namespace haive::mcp
