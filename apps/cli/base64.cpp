#include "cli/base64.hpp"

#include <cstdint>

namespace haive::mcp::cli {

std::optional<std::string> decode_base64(std::string_view text) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    int have = 0;
    std::size_t sextets = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        if (c == '\r' || c == '\n') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const auto value = letters.find(c);
        if (value == std::string_view::npos || padding > 0) return std::nullopt;
        ++sextets;
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out += static_cast<char>(bits >> static_cast<unsigned>(have) & 0xffU);
    }
    if (sextets % 4 == 1 || padding > 2) return std::nullopt;
    return out;
}

}  // namespace haive::mcp::cli
