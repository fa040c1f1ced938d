#include "connection/trace_parent.hpp"

#include <algorithm>
#include <span>

namespace haive::mcp {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

bool read_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
    bool any = false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t high = digits.find(text[2 * i]);
        const std::size_t low = digits.find(text[2 * i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return false;
        out[i] = static_cast<std::uint8_t>(high * 16 + low);
        any = any || out[i] != 0;
    }
    return any;  // all zeros is no id
}

void write_hex(std::string& out, std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t b : bytes) {
        out += digits[b >> 4U];
        out += digits[b & 15U];
    }
}

void fill(std::span<std::uint8_t> out, Random& random) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (i % 8 == 0) word = random.next();
        out[i] = static_cast<std::uint8_t>(word >> (i % 8 * 8));
    }
    if (std::ranges::all_of(out, [](std::uint8_t b) { return b == 0; })) out[0] = 1;
}

}  // namespace

std::optional<TraceContext> parse_trace_parent(std::string_view text) noexcept {
    // 00-<32 digits>-<16 digits>-<2 digits>
    if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return std::nullopt;
    TraceContext out;
    std::array<std::uint8_t, 1> flags{};
    if (!read_hex(text.substr(3, 32), out.trace) || !read_hex(text.substr(36, 16), out.span)) return std::nullopt;
    const std::size_t high = digits.find(text[53]);
    const std::size_t low = digits.find(text[54]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    flags[0] = static_cast<std::uint8_t>(high * 16 + low);
    out.sampled = (flags[0] & 1U) != 0;
    return out;
}

std::string trace_parent_text(const TraceContext& context) {
    std::string out = "00-";
    write_hex(out, context.trace);
    out += '-';
    write_hex(out, context.span);
    out += context.sampled ? "-01" : "-00";
    return out;
}

TraceContext first_span(const boost::json::object& meta, Random& random) {
    const auto* given = meta.if_contains("traceparent");
    if (given != nullptr && given->is_string()) {
        if (const auto parent = parse_trace_parent(given->get_string())) return child_span(*parent, random);
    }
    TraceContext out;
    fill(out.trace, random);
    fill(out.span, random);
    return out;
}

TraceContext child_span(const TraceContext& parent, Random& random) {
    TraceContext out = parent;
    out.parent = parent.span;
    fill(out.span, random);
    return out;
}

}  // namespace haive::mcp
