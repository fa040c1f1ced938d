#include "connection/tool_error.hpp"

#include <cstring>

namespace haive::mcp {

namespace {

constexpr std::string_view key = "\"isError\"";

/// `: true` at `i`.
bool true_follows(std::string_view text, std::size_t i) noexcept {
    const auto skip = [&] {
        while (i < text.size() && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r')) ++i;
    };
    skip();
    if (i >= text.size() || text[i] != ':') return false;
    ++i;
    skip();
    return text.substr(i).starts_with("true");
}

/// Whether `place` is a key of the outermost object.
bool is_outermost(std::string_view text, std::size_t place) noexcept {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < place; ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return depth == 1 && !in_string;
}

}  // namespace

bool is_tool_error(std::string_view result) noexcept {
    std::size_t from = 0;
    std::size_t looks = 0;
    while (from < result.size() && looks++ < 8) {
        const void* hit = memmem(result.data() + from, result.size() - from, key.data(), key.size());
        if (hit == nullptr) return false;
        const auto place = static_cast<std::size_t>(static_cast<const char*>(hit) - result.data());
        from = place + key.size();
        if (true_follows(result, from) && is_outermost(result, place)) return true;
    }
    return false;
}

}  // namespace haive::mcp
