#include "guard/hedge_plan.hpp"

#include <algorithm>

namespace haive::mcp {

bool HedgePlan::spend() noexcept {
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

void HedgePlan::answered(Duration took) noexcept {
    tokens_ = std::min(most_tokens, tokens_ + per_call);
    times_[count_++ % kept] = took;
    if (count_ < enough || count_ % (kept / 8) != 0) return;
    const std::size_t known = std::min(count_, kept);
    std::array<Duration, kept> sorted = times_;
    const std::size_t rank = (known * 95 + 99) / 100 - 1;
    std::ranges::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                             sorted.begin() + static_cast<std::ptrdiff_t>(known));
    delay_ = std::max(shortest, sorted[rank]);
}

}  // namespace haive::mcp
