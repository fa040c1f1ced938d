#include "base/header_value.hpp"

#include <algorithm>
#include <cstdint>

namespace haive::mcp {

namespace {

constexpr std::string_view opening = "=?base64?";
constexpr std::string_view closing = "?=";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::string base64(std::string_view bytes) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8U | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) out += k <= n ? digits[group >> (18 - 6 * k) & 63U] : '=';
    }
    return out;
}

bool is_header_text(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c == '\t' || (c >= ' ' && c != '\x7f'); });
}

bool is_token(std::string_view text) noexcept {
    const auto allowed = [](char c) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, allowed);
}

std::string encode_header_value(std::string_view text) {
    const bool ascii = std::ranges::all_of(text, [](char c) { return c == '\t' || (c >= ' ' && c < '\x7f'); });
    const bool edged = !text.empty() && (is_blank(text.front()) || is_blank(text.back()));
    const bool looks_encoded = text.starts_with(opening) && text.ends_with(closing);
    if (ascii && !edged && !looks_encoded) return std::string(text);
    return std::string(opening) + base64(text) + std::string(closing);
}

}  // namespace haive::mcp
