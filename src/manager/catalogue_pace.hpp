#pragma once

#include "haive/mcp/base/time.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace haive::mcp {

/// When the catalogue is merged anew after something of it has changed. What comes together is merged once: a merge
/// costs as much as there is to merge, so it waits a moment, and longer in large fleets. The last change that was
/// expected is not kept waiting for others: whoever waits for a fleet has it then, however many servers are late.
///
/// At most two merges in each such moment, whatever the servers do. Pure.
class CataloguePace {
public:
    [[nodiscard]] static constexpr Duration moment(std::size_t servers) noexcept {
        return std::chrono::milliseconds(5) * std::clamp<std::size_t>(servers / 100, 1, 200);
    }
    /// When to merge what has changed now. `more_to_come`: other servers are just being opened or listed.
    [[nodiscard]] TimePoint due(TimePoint now, std::size_t servers, bool more_to_come) noexcept {
        if (more_to_come || now < not_at_once_before_) return now + moment(servers);
        not_at_once_before_ = now + moment(servers);
        return now;
    }

private:
    TimePoint not_at_once_before_{};
};

}  // namespace haive::mcp
