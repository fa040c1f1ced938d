#include "cli/trouble.hpp"

#include "cli/terminal.hpp"
#include "haive/mcp/exporters/redaction.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"
#include "haive/mcp/transport/transport.hpp"

#include <boost/json/serialize.hpp>

#include <string_view>

namespace haive::mcp::cli {

namespace {

std::string last_line(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos) return {};
    text = text.substr(0, end + 1);
    return std::string(text.substr(text.rfind('\n') + 1));
}

void drop_start(std::string& text, const std::string& start) {
    if (text.starts_with(start)) text.erase(0, start.size());
}

/// The last error without what the row says already (its name, its command line), and with the last words of a process
/// that ended.
std::string last_failure(const ConnectionInfo& info) {
    std::string out = info.last_error.value_or("");
    drop_start(out, "server '" + info.name + "': ");
    if (info.transport) drop_start(out, "connect to " + info.transport->describe() + ": ");
    for (const char* method : {"server/discover: ", "initialize: "}) drop_start(out, method);
    out = first_line(out);
    // `the server process 4711 ended with exit code 1`: what it wrote last says more than its number.
    constexpr std::string_view process = "the server process ";
    const std::size_t ended = out.find(" ended with ");
    const auto* tail = info.metadata.if_contains("stderr_tail");
    if (out.starts_with(process) && ended != std::string::npos && tail != nullptr && tail->is_string()) {
        const std::string words = last_line(tail->get_string());
        if (!words.empty()) out = out.substr(ended + 1) + ": " + redacted(words);
    }
    return out;
}

/// What holds a connected server's score down; a crash loop says how often it was lost, since an outage's error goes
/// with its end.
std::string limit_of(const UpstreamInfo& info) {
    if (info.health.score >= 0.995 || info.health.limiting == HealthFactor::none) return {};
    std::string out(to_string(info.health.limiting));
    const auto* lost = info.connection.metadata.if_contains("reconnects");
    if (info.health.limiting == HealthFactor::churn && lost != nullptr) out += ", lost " + to_text(*lost) + " times";
    return out;
}

}  // namespace

std::string trouble_of(const UpstreamInfo& info, bool floods) {
    std::string out;
    const auto add = [&out](std::string_view separator, const std::string& text) {
        if (!text.empty()) out += (out.empty() ? std::string() : std::string(separator)) + text;
    };
    const bool up = info.connection.status == ConnectionStatus::connected;
    if (info.breaker != "closed") add(": ", "breaker " + std::string(info.breaker));
    if (up && out.empty()) add(": ", limit_of(info));
    add(": ", last_failure(info.connection));
    if (up && floods) add("; ", "it floods us, and is read more slowly");
    if (info.connection.status == ConnectionStatus::connecting) add(": ", out.empty() ? "it has not answered yet" : "");
    return out;
}

bool is_unusable(const UpstreamInfo& info) { return info.connection.metadata.contains("unusable"); }

}  // namespace haive::mcp::cli
