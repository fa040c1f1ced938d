#include "cli/key_values.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace haive::mcp::cli {

namespace {

Error wrong(std::string text) { return Error(ErrorKind::invalid_config, std::move(text)); }

json::object schema_of(const Tool* tool) {
    if (tool == nullptr) return {};
    auto value = tool->input_schema.value();
    return value && value->is_object() ? value->get_object() : json::object();
}

/// `type` of a property; a list of types counts as its first that is not null.
std::string type_of(const json::object& schema, std::string_view key) {
    const auto* properties = schema.if_contains("properties");
    if (properties == nullptr || !properties->is_object()) return {};
    const auto* property = properties->get_object().if_contains(key);
    if (property == nullptr || !property->is_object()) return {};
    const auto* type = property->get_object().if_contains("type");
    if (type == nullptr) return {};
    if (type->is_string()) return std::string(type->get_string());
    if (type->is_array()) {
        for (const auto& one : type->get_array()) {
            if (one.is_string() && one.get_string() != "null") return std::string(one.get_string());
        }
    }
    return {};
}

Result<json::value> parse_value(const std::string& key, const std::string& text, const std::string& type) {
    if (type == "string") return json::value(text);
    auto parsed = parse_json(text);
    const auto refuse = [&](const std::string& expected) {
        return wrong("argument " + key + "=" + text + ": expected " + expected);
    };
    if (type == "number" && !(parsed && parsed->is_number())) return refuse("a number");
    if (type == "integer" && !(parsed && (parsed->is_int64() || parsed->is_uint64()))) return refuse("a whole number");
    if (type == "boolean" && !(parsed && parsed->is_bool())) return refuse("true or false");
    if (type == "object" && !(parsed && parsed->is_object())) return refuse("a JSON object");
    if (type == "array") {
        if (parsed && parsed->is_array()) return parsed;
        return json::value(json::array{json::value(text)});  // one element, as one would say it
    }
    if (!type.empty()) return parsed;
    // Nothing is known about the key: numbers and truth values are what they look like.
    if (parsed && !parsed->is_string() && !parsed->is_null()) return parsed;
    return json::value(text);
}

}  // namespace

Result<json::object> parse_key_values(const std::vector<std::string>& words,
                                      const std::optional<std::string>& args_json, const Tool* tool) {
    json::object out;
    if (args_json) {
        auto parsed = parse_json(*args_json);
        if (args_json->find_first_not_of(" \t\r\n") == std::string::npos)
            return wrong("--args is empty: a JSON object is expected");
        if (parsed.has_error()) return wrong("--args is not JSON: " + parsed.error().message());
        if (!parsed->is_object()) return wrong("--args must be a JSON object");
        out = parsed->get_object();
    }
    const json::object schema = schema_of(tool);
    for (const auto& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            return wrong("'" + word + "' is no argument: write key=value, or key:=JSON");
        }
        const bool raw = word[equals - 1] == ':';
        const std::string key = word.substr(0, raw ? equals - 1 : equals);
        const std::string text = word.substr(equals + 1);
        auto value = raw ? parse_json(text) : parse_value(key, text, type_of(schema, key));
        if (value.has_error()) return raw ? wrong("argument " + key + ": not JSON: " + text) : value.error();
        out[key] = std::move(*value);
    }
    return out;
}

std::string describe_arguments(const Tool& tool) {
    const json::object schema = schema_of(&tool);
    const auto* properties = schema.if_contains("properties");
    if (properties == nullptr || !properties->is_object()) return "none";
    const auto* required = schema.if_contains("required");
    std::string out;
    for (const auto& [key, ignored] : properties->get_object()) {
        const bool needed = required != nullptr && required->is_array() &&
                            std::ranges::find(required->get_array(), json::value(key)) != required->get_array().end();
        const std::string type = type_of(schema, key);
        out += (out.empty() ? "" : ", ") + std::string(key) + " (" + (type.empty() ? "any" : type) +
               (needed ? ", required)" : ")");
    }
    return out.empty() ? "none" : out;
}

}  // namespace haive::mcp::cli
