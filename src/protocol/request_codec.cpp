#include "protocol/request_codec.hpp"

#include "jsonrpc/json_slice_parser.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/serializer.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace haive::mcp {

namespace {

constexpr std::string_view space = " \t\r\n";

Error encode_failure(std::string_view what, std::string why) {
    return Error(ErrorKind::encode_error, std::string(what) + ' ' + std::move(why), Disposition::not_sent);
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::optional<Error> check_object(std::string_view text, std::string_view what) {
    if (const JsonFault fault = check_json(text)) {
        return encode_failure(what, std::string("are not valid JSON: ") + fault.what + ", at byte " +
                                        std::to_string(fault.offset));
    }
    if (json_type(text) != JsonType::object) return encode_failure(what, "are not a JSON object");
    return std::nullopt;
}

/// Most texts have none: looking for them is all it costs.
void blank_line_breaks(char* begin, char* end) noexcept {
    for (const char c : {'\n', '\r'}) {
        char* at = begin;
        while ((at = static_cast<char*>(std::memchr(at, c, static_cast<std::size_t>(end - at)))) != nullptr)
            *at++ = ' ';
    }
}

void serialize_into(std::string& out, const json::object& object) {
    json::serializer serializer;
    serializer.reset(&object);
    std::array<char, 1024> buffer;
    while (!serializer.done()) {
        const auto part = serializer.read(buffer.data(), buffer.size());
        out.append(part.data(), part.size());
    }
}

/// The member of the params that headers and error texts call the request by; empty when there is none.
std::string_view naming_member(std::string_view method) {
    if (method == "tools/call" || method == "prompts/get") return "name";
    if (method.starts_with("resources/")) return "uri";
    if (method.starts_with("tasks/")) return "taskId";
    return {};
}

void merge_meta(json::object& meta, std::string_view raw) {
    auto more = parse_json(raw);
    if (more.has_error() || !more->is_object()) return;
    for (const auto& member : more->as_object()) {
        if (!meta.contains(member.key())) meta.emplace(member.key(), member.value());
    }
}

}  // namespace

std::optional<Error> append_object_text(std::string& out, std::string_view text, std::string_view what) {
    text = trimmed(text);
    if (text.empty()) {
        out += "{}";
        return std::nullopt;
    }
    if (auto error = check_object(text, what)) return error;
    const std::size_t from = out.size();
    append_valid_utf8(out, text);
    blank_line_breaks(out.data() + from, out.data() + out.size());
    return std::nullopt;
}

std::optional<Error> append_object(std::string& out, const json::object& object, std::string_view what) {
    if (object.empty()) {
        out += "{}";
        return std::nullopt;
    }
    const std::size_t from = out.size();
    serialize_into(out, object);
    const std::string_view written = std::string_view(out).substr(from);
    // The serializer writes numbers that are none as words, and strings that are not UTF-8 as they are.
    if (check_json(written)) return encode_failure(what, "hold a number that JSON cannot express (NaN or infinity)");
    if (std::any_of(written.begin(), written.end(), [](char c) { return static_cast<signed char>(c) < 0; })) {
        std::string checked;
        if (append_valid_utf8(checked, written) != 0) out.replace(from, std::string::npos, checked);
    }
    return std::nullopt;
}

std::string single_member(std::string_view key, std::string_view value) {
    std::string out;
    out.reserve(key.size() + value.size() + 8);
    out += '{';
    append_json_string(out, key);
    out += ':';
    append_json_string(out, value);
    out += '}';
    return out;
}

std::string begin_named_params(std::string_view name, std::size_t room) {
    std::string out;
    out.reserve(64 + name.size() + room);
    out += R"({"name":)";
    append_json_string(out, name);
    return out;
}

json::object only_strings(json::object arguments) {
    for (auto& member : arguments) {
        if (!member.value().is_string()) member.value() = json::string(json::serialize(member.value()));
    }
    return arguments;
}

std::optional<Error> take_raw_params(Request& request, std::string_view params) {
    params = trimmed(params);
    if (params.empty()) return std::nullopt;
    if (auto error = check_object(params, "the params")) return error;

    const std::string_view naming = naming_member(request.method);
    std::string kept = "{";
    bool has_meta = false;
    JsonObjectSlices members(params);
    while (members.next()) {
        if (members.key() == "_meta") {
            has_meta = true;
            merge_meta(request.options.meta, members.value());
            continue;
        }
        if (!naming.empty() && members.key() == naming && !decode_json_string(members.value(), request.name))
            request.name.clear();
        if (kept.size() > 1) kept += ',';
        append_json_string(kept, members.key());
        kept += ':';
        kept += members.value();
    }
    kept += '}';
    return append_object_text(request.params, has_meta ? std::string_view(kept) : params, "the params");
}

}  // namespace haive::mcp
