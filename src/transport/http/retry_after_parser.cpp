#include "transport/http/retry_after_parser.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace haive::mcp {

namespace {

constexpr std::int64_t longest = std::int64_t{366} * 24 * 60 * 60;  // far over every cap

std::optional<std::int64_t> parse_date(std::string_view text) {
    if (text.empty() || text.size() > 64) return std::nullopt;
    const std::string terminated(text);
    const std::int64_t seconds = curl_getdate(terminated.c_str(), nullptr);
    if (seconds < 0) return std::nullopt;
    return seconds;
}

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view value, std::string_view date, std::int64_t wall_now) {
    const bool number = !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    std::int64_t wait = 0;
    if (number) {
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), wait);
        if (error == std::errc::result_out_of_range) wait = longest;
    } else {
        // Every HTTP date begins with a weekday's name; curl's parser alone would take much more.
        const bool named =
            !value.empty() && ((value[0] >= 'A' && value[0] <= 'Z') || (value[0] >= 'a' && value[0] <= 'z'));
        const auto until = named ? parse_date(value) : std::nullopt;
        if (!until) return std::nullopt;
        wait = *until - parse_date(date).value_or(wall_now);
        if (wait < 0) return std::nullopt;
    }
    return std::chrono::seconds(std::min(wait, longest));
}

}  // namespace haive::mcp
