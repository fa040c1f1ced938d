#include "config/plain_json.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>
#include <cstddef>

namespace haive::mcp {

namespace {

namespace json = boost::json;

constexpr std::size_t widest = 120;

std::string number_text(double number) {
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() ? std::string(text.data(), end) : json::serialize(json::value(number));
}

/// `{"a": 1}` of elements that are text already.
std::string in_brackets(char open, const std::string& inside, char close) {
    std::string out(1, open);
    out += inside;
    return out + close;
}

void write(std::string& out, const json::value& value, std::size_t step, std::size_t depth, std::size_t before) {
    std::string flat = plain_json(value);
    const bool empty = flat.size() <= 2;
    if (!value.is_structured() || empty || (depth > 0 && depth * step + before + flat.size() < widest)) {
        out += flat;
        return;
    }
    const std::string margin = "\n" + std::string((depth + 1) * step, ' ');
    const bool is_object = value.is_object();
    out += is_object ? '{' : '[';
    const char* comma = "";
    const auto element = [&](const std::string& head, const json::value& content) {
        out += comma + margin + head;
        write(out, content, step, depth + 1, head.size());
        comma = ",";
    };
    if (is_object) {
        for (const auto& [key, content] : value.get_object()) {
            element(json::serialize(json::value(key)) + ": ", content);
        }
    } else {
        for (const auto& content : value.get_array()) element("", content);
    }
    out += "\n" + std::string(depth * step, ' ') + (is_object ? '}' : ']');
}

}  // namespace

std::string plain_json(const json::value& value) {
    if (value.is_double()) return number_text(value.get_double());
    std::string inside;
    if (value.is_object()) {
        for (const auto& [key, content] : value.get_object()) {
            inside += (inside.empty() ? "" : ", ") + json::serialize(json::value(key)) + ": " + plain_json(content);
        }
        return in_brackets('{', inside, '}');
    }
    if (value.is_array()) {
        for (const auto& content : value.get_array()) inside += (inside.empty() ? "" : ", ") + plain_json(content);
        return in_brackets('[', inside, ']');
    }
    return json::serialize(value);
}

std::string pretty_json(const json::value& value, int indent) {
    std::string out;
    write(out, value, static_cast<std::size_t>(indent), 0, 0);
    return out;
}

}  // namespace haive::mcp
