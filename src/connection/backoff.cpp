#include "connection/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

namespace {

constexpr int largest_exponent = 40;
constexpr double spread_of_retry_after = 0.1;

Duration scaled(Duration d, double factor) noexcept {
    const double ns = static_cast<double>(d.count()) * factor;
    if (!(ns < 9.2e18)) return Duration::max();
    return Duration(static_cast<Duration::rep>(std::llround(std::max(0.0, ns))));
}

}  // namespace

Duration backoff_base(int n, Duration initial, Duration longest, double multiplier) noexcept {
    if (initial <= Duration::zero()) return Duration::zero();
    const int exponent = std::clamp(n - 1, 0, largest_exponent);
    return std::min(longest, scaled(initial, std::pow(multiplier, exponent)));
}

Duration backoff_delay(Duration base, double jitter, double u) noexcept {
    return std::min(base, scaled(base, 1 - jitter * u));
}

Duration with_retry_after(Duration delay, Duration asked, Duration cap, double u) noexcept {
    if (asked < Duration::zero()) return delay;
    return std::min(std::max(delay, scaled(asked, 1 + spread_of_retry_after * u)), std::max(cap, delay));
}

}  // namespace haive::mcp
