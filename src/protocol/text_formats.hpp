#pragma once

#include <cstddef>
#include <string_view>

namespace haive::mcp {

// The formats that a form may ask for. As strict as a form needs: what no mail system, browser or calendar would
// take is refused, not more. Pure.

/// One `@` with something sensible on both sides.
[[nodiscard]] bool is_email(std::string_view text) noexcept;
/// A scheme (RFC 3986, 3.1), a colon, and no blanks or control characters.
[[nodiscard]] bool is_uri(std::string_view text) noexcept;
/// RFC 3339 `full-date`, of the Gregorian calendar.
[[nodiscard]] bool is_date(std::string_view text) noexcept;
/// RFC 3339 `date-time`.
[[nodiscard]] bool is_date_time(std::string_view text) noexcept;

/// Code points of a UTF-8 text.
[[nodiscard]] std::size_t code_points(std::string_view text) noexcept;

}  // namespace haive::mcp
