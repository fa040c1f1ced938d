#pragma once

#include "haive/mcp/base/time.hpp"

namespace haive::mcp {

// When to try again (resilience rules B-1 to B-5). Pure; all in saturating 64-bit nanoseconds.

/// B-1: `initial * multiplier^(n-1)`, at most `longest`, for the n-th attempt (n >= 1).
/// A non-positive `initial` means no delay at all.
[[nodiscard]] Duration backoff_base(int n, Duration initial, Duration longest, double multiplier) noexcept;

/// B-2: `base * (1 - jitter * u)`, u uniform in [0, 1). Jitter only subtracts, so `base` is a true maximum.
[[nodiscard]] Duration backoff_delay(Duration base, double jitter, double u) noexcept;

/// B-5: never earlier than a server asked for, up to `cap`; a little later, so that a crowd spreads out.
/// A negative `asked` is ignored.
[[nodiscard]] Duration with_retry_after(Duration delay, Duration asked, Duration cap, double u) noexcept;

}  // namespace haive::mcp
