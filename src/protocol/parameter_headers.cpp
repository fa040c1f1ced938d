#include "protocol/parameter_headers.hpp"

#include "base/header_value.hpp"
#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>

namespace haive::mcp {

namespace json = boost::json;

namespace {

constexpr std::string_view annotation = "x-mcp-header";
constexpr int deepest = 128;
constexpr std::size_t most_headers = 64;
constexpr std::int64_t largest_exact = (std::int64_t{1} << 53) - 1;

Error rejected(std::string why) { return Error(ErrorKind::protocol_violation, std::move(why), Disposition::executed); }

bool same_header(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string place(const std::vector<std::string>& path) {
    std::string out = "`";
    for (const auto& name : path) out += (out.size() > 1 ? "." : "") + name.substr(0, 64);
    return out + '`';
}

/// Walks a schema; `reachable` while only `properties` led here.
class Walk {
public:
    std::vector<ParameterHeader> found;
    std::optional<Error> problem;

    void schema(const json::value& value, bool reachable, int depth) {
        if (problem) return;
        if (depth > deepest) return fail("its schema is nested too deep");
        if (const json::array* list = value.if_array()) {
            for (const json::value& item : *list) schema(item, false, depth + 1);
            return;
        }
        const json::object* object = value.if_object();
        if (object == nullptr) return;
        if (const json::value* name = object->if_contains(annotation)) annotated(*name, *object, reachable);
        for (const auto& member : *object) {
            const std::string_view key = member.key();
            if (key == annotation || key == "const" || key == "enum" || key == "default" || key == "examples") continue;
            if (key == "properties" && member.value().is_object()) {
                for (const auto& property : member.value().as_object()) {
                    path_.emplace_back(property.key());
                    schema(property.value(), reachable, depth + 1);
                    path_.pop_back();
                }
            } else {
                schema(member.value(), false, depth + 1);
            }
        }
    }

private:
    void fail(std::string why) {
        if (!problem) problem = rejected(std::move(why));
    }

    void annotated(const json::value& name, const json::object& property, bool reachable) {
        const std::string where = place(path_);
        if (!reachable || path_.empty()) return fail("`x-mcp-header` stands where no argument is, at " + where);
        if (!name.is_string()) return fail("`x-mcp-header` of " + where + " is not a string");
        const std::string_view text = name.as_string();
        if (text.empty()) return fail("`x-mcp-header` of " + where + " is empty");
        if (!is_token(text)) return fail("`x-mcp-header` of " + where + " is not a header's name");
        const json::value* type = property.if_contains("type");
        const json::string* one = type != nullptr ? type->if_string() : nullptr;
        if (one == nullptr || (*one != "string" && *one != "integer" && *one != "boolean")) {
            return fail(where + " has an `x-mcp-header` and is no string, integer or boolean");
        }
        const auto twice = [text](const ParameterHeader& header) { return same_header(header.name, text); };
        if (std::ranges::any_of(found, twice)) return fail("the header `" + std::string(text) + "` is there twice");
        if (found.size() >= most_headers) return fail("it wants too many headers");
        found.push_back(ParameterHeader{std::string(text), path_});
    }

    std::vector<std::string> path_;
};

const json::value* argument_at(const json::object& arguments, const std::vector<std::string>& path) {
    const json::object* object = &arguments;
    const json::value* value = nullptr;
    for (const std::string& name : path) {
        if (object == nullptr) return nullptr;
        value = object->if_contains(name);
        if (value == nullptr) return nullptr;
        object = value->if_object();
    }
    return value;
}

std::optional<std::string> header_text(const json::value& value) {
    if (value.is_string()) return encode_header_value(std::string_view(value.as_string()));
    if (value.is_bool()) return value.as_bool() ? "true" : "false";
    std::int64_t number = 0;
    if (value.is_int64()) {
        number = value.as_int64();
    } else if (value.is_double() && std::trunc(value.as_double()) == value.as_double() &&
               std::abs(value.as_double()) <= static_cast<double>(largest_exact)) {
        number = static_cast<std::int64_t>(value.as_double());  // 3.0 is an integer to JSON Schema
    } else {
        return std::nullopt;
    }
    if (number > largest_exact || number < -largest_exact) return std::nullopt;
    return std::to_string(number);
}

}  // namespace

Result<std::vector<ParameterHeader>> parameter_header_plan(std::string_view input_schema) {
    // Nearly every tool has none: no need to read its schema then.
    if (input_schema.find(annotation) == std::string_view::npos) return std::vector<ParameterHeader>();
    const auto schema = parse_json(input_schema);
    if (schema.has_error()) return rejected("its input schema is not readable: " + schema.error().message());
    Walk walk;
    walk.schema(*schema, true, 0);
    if (walk.problem) return *walk.problem;
    return std::move(walk.found);
}

std::string parameter_header_lines(const std::vector<ParameterHeader>& plan, const json::object& arguments) {
    std::string out;
    for (const ParameterHeader& header : plan) {
        const json::value* value = argument_at(arguments, header.path);
        if (value == nullptr) continue;
        const auto text = header_text(*value);
        if (!text) continue;
        out += "Mcp-Param-";
        out += header.name;
        out += ": ";
        out += *text;
        out += "\r\n";
    }
    return out;
}

}  // namespace haive::mcp
