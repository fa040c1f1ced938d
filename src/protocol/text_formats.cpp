#include "protocol/text_formats.hpp"

#include <algorithm>
#include <chrono>

namespace haive::mcp {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank_or_control(char c) noexcept { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }

/// Takes a number of exactly `width` digits off the front; -1 when there is none.
int take_number(std::string_view& text, std::size_t width) noexcept {
    if (text.size() < width || !std::ranges::all_of(text.substr(0, width), is_digit)) return -1;
    int number = 0;
    for (const char c : text.substr(0, width)) number = number * 10 + (c - '0');
    text.remove_prefix(width);
    return number;
}

bool take(std::string_view& text, char wanted) noexcept {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

bool take_date(std::string_view& text) noexcept {
    const int year = take_number(text, 4);
    if (year < 0 || !take(text, '-')) return false;
    const int month = take_number(text, 2);
    if (month < 0 || !take(text, '-')) return false;
    const int day = take_number(text, 2);
    if (day < 0) return false;
    return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                       std::chrono::day(static_cast<unsigned>(day)))
        .ok();
}

bool take_clock(std::string_view& text, bool seconds) noexcept {
    const int hour = take_number(text, 2);
    if (hour < 0 || hour > 23 || !take(text, ':')) return false;
    const int minute = take_number(text, 2);
    if (minute < 0 || minute > 59) return false;
    if (!seconds) return true;
    if (!take(text, ':')) return false;
    const int second = take_number(text, 2);
    if (second < 0 || second > 60) return false;
    if (!take(text, '.')) return true;
    const auto end = std::ranges::find_if_not(text, is_digit);
    if (end == text.begin()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    return true;
}

}  // namespace

bool is_email(std::string_view text) noexcept {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || text.size() > 254) return false;
    if (std::ranges::any_of(text, is_blank_or_control)) return false;
    const std::string_view local = text.substr(0, at);
    const std::string_view host = text.substr(at + 1);
    if (local.find('@') != std::string_view::npos || local.starts_with('.') || local.ends_with('.')) return false;
    return !host.empty() && !host.starts_with('.') && !host.ends_with('.') && !host.starts_with('-') &&
           host.find("..") == std::string_view::npos;
}

bool is_uri(std::string_view text) noexcept {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front())) return false;
    const auto scheme = [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; };
    return std::ranges::all_of(text.substr(0, colon), scheme) && std::ranges::none_of(text, is_blank_or_control) &&
           text.size() > colon + 1;
}

bool is_date(std::string_view text) noexcept { return take_date(text) && text.empty(); }

bool is_date_time(std::string_view text) noexcept {
    if (!take_date(text) || (!take(text, 'T') && !take(text, 't')) || !take_clock(text, true)) return false;
    if (take(text, 'Z') || take(text, 'z')) return text.empty();
    if (!take(text, '+') && !take(text, '-')) return false;
    return take_clock(text, false) && text.empty();
}

std::size_t code_points(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace haive::mcp
