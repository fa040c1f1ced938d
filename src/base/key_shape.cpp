#include "base/key_shape.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr std::string_view stars = "***";
constexpr std::size_t shortest_key = 20;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_uuid(std::string_view part) noexcept {
    constexpr std::string_view shape = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    return std::ranges::equal(part, shape, [](char c, char s) { return s == '-' ? c == '-' : is_hex(c); });
}

}  // namespace

bool looks_like_a_key(std::string_view part) noexcept {
    if (is_uuid(part)) return true;
    return part.size() >= shortest_key && std::ranges::any_of(part, is_digit) && std::ranges::any_of(part, is_letter);
}

std::string path_without_keys(std::string_view path) {
    std::string out;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        out += looks_like_a_key(part) ? stars : part;
        if (end < path.size()) out += '/';
        at = end + 1;
    }
    return out;
}

std::string url_without_keys(std::string_view url) {
    const std::size_t sign = url.find("://");
    if (sign == std::string_view::npos) return std::string(url);
    const std::size_t path = std::min(url.find_first_of("/?#", sign + 3), url.size());
    const std::size_t query = std::min(url.find_first_of("?#", path), url.size());
    std::string out(url.substr(0, sign + 3));
    std::string_view authority = url.substr(sign + 3, path - sign - 3);
    if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos) {
        out += stars;
        authority.remove_prefix(user);
    }
    out += authority;
    out += path_without_keys(url.substr(path, query - path));
    if (query < url.size()) {
        out += url[query];
        out += stars;
    }
    return out;
}

}  // namespace haive::mcp
