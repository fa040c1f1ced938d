#pragma once

#include "haive/mcp/base/time.hpp"

#include <optional>

namespace haive::mcp {

/// When a listening socket is asked for newcomers. While the process has no descriptor left for one, the socket stays
/// readable and accepting fails at once: asked without a pause, a thread would do nothing else. Pure.
class AcceptPlan {
public:
    static constexpr Duration pause = std::chrono::milliseconds(100);

    /// Whether to ask now.
    [[nodiscard]] bool asks(TimePoint now) const noexcept { return now >= again_; }
    /// How long it is left alone from now on; nothing when it may be asked.
    [[nodiscard]] std::optional<Duration> rest(TimePoint now) const noexcept {
        return asks(now) ? std::nullopt : std::optional(again_ - now);
    }
    /// Accepting failed with `error` (of errno).
    void failed(int error, TimePoint now) noexcept;

private:
    TimePoint again_ = TimePoint::min();
};

}  // namespace haive::mcp
