#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace haive::mcp {

/// How long a member takes, as a caller feels it: rises at once with a slow answer and forgets it over ten seconds
/// (peak EWMA, as Finagle's). A failed call counts as a second at least: else a member that fails fast would look fast
/// and draw all traffic. Pure.
class PeakLatency {
public:
    void answered(Duration took, TimePoint now) noexcept { add(took, now); }
    void failed(Duration took, TimePoint now) noexcept;
    /// One millisecond while nothing is known.
    [[nodiscard]] Duration at(TimePoint now) const noexcept;

private:
    void add(Duration sample, TimePoint now) noexcept;

    Duration value_{};
    TimePoint at_{};
    bool known_ = false;
};

/// What the pick looks at of one member.
struct Candidate {
    std::size_t member = 0;
    Duration latency{};
    int pending = 0;    ///< calls on it now
    double score = 1;   ///< of its health
    bool ready = true;  ///< else suspect: taken only where nobody is ready
};

/// P-4: latency * (pending + 1) / max(.05, score)^2.
[[nodiscard]] double cost_of(const Candidate& candidate) noexcept;

/// The cheaper one of two drawn at random (power of two choices), ready ones first: nearly as good as the cheapest of
/// all, and nobody herds to one. `u`, `v` uniform in [0, 1). Nothing when there is no candidate. Pure.
[[nodiscard]] std::optional<std::size_t> pick_member(std::span<const Candidate> candidates, double u,
                                                     double v) noexcept;

}  // namespace haive::mcp
