#include "haive/mcp/jsonrpc/json_text.hpp"

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace haive::mcp {

namespace {

void append(std::string& out, const json::value& value);

void append_double(std::string& out, double number) {
    if (!std::isfinite(number)) {
        out += "null";
        return;
    }
    std::array<char, 400> text{};
    const bool plain = std::abs(number) < 1e15 && (number == 0 || std::abs(number) >= 1e-7);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::general;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, format);
    out.append(text.data(), end.ptr);
}

void append_members(std::string& out, const json::object& object) {
    out += '{';
    bool first = true;
    for (const auto& [key, value] : object) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, key);
        out += ':';
        append(out, value);
    }
    out += '}';
}

void append_elements(std::string& out, const json::array& array) {
    out += '[';
    bool first = true;
    for (const auto& value : array) {
        if (!std::exchange(first, false)) out += ',';
        append(out, value);
    }
    out += ']';
}

void append(std::string& out, const json::value& value) {
    switch (value.kind()) {
        case json::kind::object: append_members(out, value.get_object()); break;
        case json::kind::array: append_elements(out, value.get_array()); break;
        case json::kind::double_: append_double(out, value.get_double()); break;
        default: out += json::serialize(value);
    }
}

}  // namespace

std::string to_text(const json::value& value) {
    std::string out;
    append(out, value);
    return out;
}

}  // namespace haive::mcp
