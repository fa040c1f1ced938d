#include "http_rules_plan.hpp"

#include "conversation.hpp"
#include "seal.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace builtin {

namespace {

constexpr std::string_view version_header = "mcp-protocol-version";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

/// The media type without its parameters and blanks.
std::string essence(std::string_view type) {
    type = type.substr(0, type.find(';'));
    while (type.starts_with(' ') || type.starts_with('\t')) type.remove_prefix(1);
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    return lower(type);
}

[[noreturn]] void mismatch(const std::string& what) { throw Refusal{-32020, "HeaderMismatch: " + what}; }

/// The member of params that Mcp-Name repeats; empty when the method has none.
std::string_view named_member(std::string_view method) {
    if (method == "tools/call" || method == "prompts/get") return "name";
    if (method == "resources/read") return "uri";
    return method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel" ? "taskId" : "";
}

std::optional<double> as_number(std::string_view text) {
    double out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

/// Whether a header's text says the same as the argument.
bool says(std::string_view text, const json::value& argument) {
    if (argument.is_string()) return text == std::string_view(argument.get_string());
    if (argument.is_bool()) return text == (argument.get_bool() ? "true" : "false");
    return argument.is_number() && as_number(text) == argument.to_number<double>();
}

void check_name(const HttpRequest& request, const std::string& method, const json::object& params) {
    const std::string_view member = named_member(method);
    const auto* named = member.empty() ? nullptr : params.if_contains(member);
    if (named == nullptr || !named->is_string()) return;
    const std::string* header = request.header("mcp-name");
    if (header == nullptr) mismatch("Mcp-Name is missing");
    const auto text = decoded_header(*header);
    if (!text || *text != std::string_view(named->get_string()))
        mismatch("Mcp-Name is not the body's " + std::string(member));
}

}  // namespace

bool is_local_host(std::string_view host) {
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        if (end == std::string_view::npos) return false;
        const std::string_view rest = host.substr(end + 1);
        return host.substr(0, end + 1) == "[::1]" && (rest.empty() || rest.starts_with(':'));
    }
    const std::string name = lower(host.substr(0, host.find(':')));
    return name == "localhost" || name == "127.0.0.1";
}

bool comes_from_here(const HttpRequest& request) {
    const std::string* host = request.header("host");
    if (host == nullptr || !is_local_host(*host)) return false;
    const std::string* origin = request.header("origin");
    if (origin == nullptr) return true;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (origin->starts_with(scheme)) return is_local_host(std::string_view(*origin).substr(scheme.size()));
    }
    return false;
}

bool accepts(const HttpRequest& request, std::string_view type) {
    const std::string* header = request.header("accept");
    if (header == nullptr) return true;
    const std::string family = std::string(type.substr(0, type.find('/'))) + "/*";
    for (std::string_view rest = *header; !rest.empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string each = essence(rest.substr(0, comma));
        if (each == type || each == "*/*" || each == family) return true;
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
}

bool is_json(const HttpRequest& request) {
    const std::string* type = request.header("content-type");
    return type != nullptr && essence(*type) == "application/json";
}

std::optional<std::string> decoded_header(std::string_view value) {
    constexpr std::string_view before = "=?base64?";
    constexpr std::string_view after = "?=";
    if (!value.starts_with(before) || !value.ends_with(after) || value.size() < before.size() + after.size()) {
        return std::string(value);
    }
    auto text = from_base64(value.substr(before.size(), value.size() - before.size() - after.size()));
    return text && is_utf8(*text) ? text : std::nullopt;
}

bool is_modern(const HttpRequest& request, const json::object& message) {
    if (object_in(object_in(message, "params"), "_meta").contains(version_key)) return true;
    const std::string* header = request.header(version_header);
    if (header != nullptr && *header == modern_version) return true;
    const auto* method = message.if_contains("method");
    return method != nullptr && method->is_string() && method->get_string() == "server/discover";
}

void check_modern_headers(const HttpRequest& request, const json::object& message) {
    const std::string method = text_param(message, "method");
    const auto& params = object_in(message, "params");
    const auto& meta = object_in(params, "_meta");
    const std::string* version = request.header(version_header);
    if (meta.contains(version_key)) {
        if (version == nullptr) mismatch("MCP-Protocol-Version is missing");
        if (*version != text_param(meta, version_key)) mismatch("MCP-Protocol-Version is not that of the body");
    }
    if (message.contains("id")) check_envelope(meta);
    const std::string* said = request.header("mcp-method");
    if (said == nullptr) mismatch("Mcp-Method is missing");
    if (*said != method) mismatch("Mcp-Method is not the body's method");
    check_name(request, method, params);
}

void check_header_arguments(const HttpRequest& request, const json::object& arguments,
                            const HeaderArguments& repeated) {
    for (const auto& [argument, name] : repeated) {
        const std::string* header = request.header("mcp-param-" + lower(name));
        const auto* value = arguments.if_contains(argument);
        const bool given = value != nullptr && !value->is_null();
        if (!given && header == nullptr) continue;
        if (!given) mismatch("Mcp-Param-" + name + " repeats an argument that is not there");
        if (header == nullptr) mismatch("Mcp-Param-" + name + " is missing");
        const auto text = decoded_header(*header);
        if (!text || !says(*text, *value)) mismatch("Mcp-Param-" + name + " is not the argument `" + argument + "`");
    }
}

int modern_status(int code) {
    constexpr std::array bad{-32700, -32600, -32020, -32021, -32022};
    if (code == -32601) return 404;
    return std::ranges::find(bad, code) != bad.end() ? 400 : 200;
}

}  // namespace builtin
