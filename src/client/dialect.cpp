#include "client/dialect.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>

namespace haive::mcp {

namespace {

void append_number(std::string& out, std::uint64_t n) {
    std::array<char, 24> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr);
}

bool is_reserved(std::string_view key) { return key == "progressToken" || key.starts_with("io.modelcontextprotocol/"); }

}  // namespace

Dialect Dialect::modern(std::string version, std::string_view capabilities, std::string_view client_info) {
    std::string envelope = R"("io.modelcontextprotocol/protocolVersion":")" + version + '"';
    envelope += R"(,"io.modelcontextprotocol/clientCapabilities":)";
    envelope += capabilities;
    envelope += R"(,"io.modelcontextprotocol/clientInfo":)";
    envelope += client_info;
    return Dialect(Era::modern, std::move(version), std::move(envelope));
}

std::string Dialect::request(std::uint64_t id, const Request& request, bool progress_token,
                             std::string_view log_level) const {
    const std::string& params = request.params;
    std::string out;
    out.reserve(96 + request.method.size() + params.size() + envelope_.size());
    out += R"({"jsonrpc":"2.0","id":)";
    append_number(out, id);
    out += R"(,"method":")";
    out += request.method;
    out += '"';

    const bool has_meta = progress_token || !envelope_.empty() || !request.options.meta.empty();
    if (!has_meta && params.empty()) {
        out += '}';
        return out;
    }
    out += R"(,"params":)";
    if (!has_meta) {
        out += params;
        out += '}';
        return out;
    }
    out += R"({"_meta":{)";
    out += envelope_;
    bool first = envelope_.empty();
    if (progress_token) {
        out += first ? R"("progressToken":)" : R"(,"progressToken":)";
        append_number(out, id);
        first = false;
    }
    if (era_ == Era::modern && !log_level.empty()) {
        out += R"(,"io.modelcontextprotocol/logLevel":")";
        out += log_level;
        out += '"';
    }
    for (const auto& [key, value] : request.options.meta) {
        if (is_reserved(key)) continue;
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, key);
        out += ':';
        out += json::serialize(value);
    }
    out += '}';
    // `{...}` becomes `{"_meta":{...},...}`: the params' own text follows as it is.
    std::string_view rest = params.empty() ? std::string_view("{}") : std::string_view(params);
    rest.remove_prefix(1);
    const bool empty_object = rest.find_first_not_of(" \t\r\n") == rest.size() - 1;
    if (!empty_object) out += ',';
    out += rest;
    out += '}';
    return out;
}

std::string Dialect::cancelled(std::uint64_t id, std::string_view reason) const {
    std::string out = R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{)";
    out += R"("requestId":)";
    append_number(out, id);
    out += ",\"reason\":";
    append_json_string(out, reason);
    out += "}}";
    return out;
}

}  // namespace haive::mcp
