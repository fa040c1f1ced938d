#include "message.hpp"

#include <cmath>

namespace builtin {

namespace {

[[noreturn]] void wrong(std::string_view key, std::string_view wanted) {
    throw Refusal{-32602, "`" + std::string(key) + "` must be " + std::string(wanted)};
}

/// Bytes of the well-formed UTF-8 character at the start of `text`, 0 when there is none.
std::size_t character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xc2 && first < 0xe0   ? 2
                             : (first & 0xf0) == 0xe0        ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool beyond = (first == 0xed && byte(1) >= 0xa0) || (first == 0xf4 && byte(1) >= 0x90);
    return overlong || beyond ? 0 : size;
}

}  // namespace

const json::object& object_in(const json::object& in, std::string_view key) {
    static const json::object none;
    const auto* value = in.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

std::string text_param(const json::object& params, std::string_view key) {
    const auto* value = params.if_contains(key);
    if (value == nullptr || !value->is_string()) wrong(key, "a string");
    return std::string(value->get_string());
}

std::string text_param(const json::object& params, std::string_view key, std::string_view fallback) {
    return params.contains(key) ? text_param(params, key) : std::string(fallback);
}

double number_param(const json::object& params, std::string_view key) {
    const auto* value = params.if_contains(key);
    if (value == nullptr || !value->is_number()) wrong(key, "a number");
    return value->to_number<double>();
}

std::int64_t integer_param(const json::object& params, std::string_view key, std::int64_t fallback, std::int64_t most,
                           bool negative) {
    if (!params.contains(key)) return fallback;
    const double value = number_param(params, key);
    const auto limit = static_cast<double>(most);
    if (std::trunc(value) != value || value > limit || value < (negative ? -limit : 0.0)) {
        wrong(key, "a whole number, at most " + std::to_string(most) + (negative ? "" : " and not negative"));
    }
    return static_cast<std::int64_t>(value);
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string as_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = character(text);
        out += size != 0 ? text.substr(0, size) : std::string_view("\xef\xbf\xbd");
        text.remove_prefix(size != 0 ? size : 1);
    }
    return out;
}

}  // namespace builtin
