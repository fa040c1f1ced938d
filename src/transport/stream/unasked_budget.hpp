#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace haive::mcp {

/// How much a server may say unasked (notifications, requests, junk: all but answers) before it is read more slowly:
/// so much per second, and a burst. Reading resumes when the debt is paid; the server's own pipe holds it up meanwhile,
/// so that a flood costs its author's time and hardly ours, and nothing is lost.
///
/// A message counts one, and one more for each KiB. Pure; one number of state, and none per message.
class UnaskedBudget {
public:
    /// Fast enough for a tool that logs every line of a build; at under 1 us each it is less than 2 % of a core.
    static constexpr std::int64_t per_second = 20'000;
    static constexpr std::int64_t burst = 1'000;
    /// A server that has answered nothing yet has little to say (MCP 2025-11-25, lifecycle: pings and log messages),
    /// and others start beside it: so much slower in its first moment, rate and burst.
    static constexpr std::int64_t slower_at_first = 10;

    [[nodiscard]] static constexpr std::int64_t weight(std::size_t messages, std::size_t bytes) noexcept {
        return static_cast<std::int64_t>(messages + bytes / 1024);
    }
    /// So much was read now, by a server that has not answered anything yet if it is `new_here`. When to read on: `now`
    /// unless the burst is used up.
    [[nodiscard]] TimePoint spend(std::int64_t weight, TimePoint now, bool new_here = false) noexcept {
        paid_at_ = (paid_at_ > now ? paid_at_ : now) + weight * (new_here ? each * slower_at_first : each);
        return paid_at_ - burst * each > now ? paid_at_ - burst * each : now;
    }

private:
    static constexpr Duration each = std::chrono::nanoseconds(1'000'000'000 / per_second);
    TimePoint paid_at_{};  ///< when all that was said would have been said at the even rate
};

}  // namespace haive::mcp
