#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace haive::mcp {

/// How long a server asked us to wait (RFC 9110, 10.2.3): seconds, or a date seen from the answer's own
/// `Date`, else from `wall_now` (seconds since 1970). Nothing for what is no such thing, or negative. Pure.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view value, std::string_view date,
                                                        std::int64_t wall_now);

}  // namespace haive::mcp
