#include "cli/trouble.hpp"

#include <boost/json/serialize.hpp>

#include "cli/terminal.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"

namespace haive::mcp::cli {

namespace {

/// The last failure without `server 'files': connect to npx ...: `, which the row says already.
std::string last_failure(const UpstreamInfo& info) {
    std::string text = first_line(info.connection.last_error.value_or(""));
    if (text.starts_with("server '" + info.name + "': ")) text.erase(0, info.name.size() + 11);
    if (const auto cause = text.find(": "); text.starts_with("connect to ") && cause != std::string::npos) {
        text.erase(0, cause + 2);
    }
    return text;
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
    add(": ", last_failure(info));
    if (up && floods) add("; ", "it floods us, and is read more slowly");
    if (info.connection.status == ConnectionStatus::connecting) add(": ", out.empty() ? "it has not answered yet" : "");
    return out;
}

}  // namespace haive::mcp::cli
