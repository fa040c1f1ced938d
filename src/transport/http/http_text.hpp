#pragma once

#include <algorithm>
#include <string_view>

namespace haive::mcp {

/// HTTP's own idea of text: ASCII, whatever the locale says.
[[nodiscard]] constexpr char ascii_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

[[nodiscard]] constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

/// Without blanks and tabs at both ends.
[[nodiscard]] constexpr std::string_view trim_blanks(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Hands out the elements of a comma-separated header value, trimmed, empty ones left out.
template <class Use>
constexpr void for_each_element(std::string_view list, Use&& use) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view element = trim_blanks(list.substr(0, comma));
        if (!element.empty()) use(element);
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
}

}  // namespace haive::mcp
