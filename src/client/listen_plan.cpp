#include "client/listen_plan.hpp"

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace haive::mcp {

using namespace std::chrono_literals;
namespace json = boost::json;

std::string listen_filter(const ServerCapabilities& offered, const StandingWishes& wishes) {
    std::string out;
    const auto add = [&out](std::string_view key, std::string_view value) {
        out += out.empty() ? "{\"" : ",\"";
        out += key;
        out += "\":";
        out += value;
    };
    if (offered.tools_list_changed) add("toolsListChanged", "true");
    if (offered.prompts_list_changed) add("promptsListChanged", "true");
    if (offered.resources_list_changed) add("resourcesListChanged", "true");
    if (!wishes.resources.empty()) {
        std::string list = "[";
        for (const std::string& uri : wishes.resources) {
            if (list.size() > 1) list += ',';
            append_json_string(list, uri);
        }
        add("resourceSubscriptions", list + ']');
    }
    return out.empty() ? out : out + '}';
}

std::string not_honoured(std::string_view filter, std::string_view acknowledged_params) {
    const auto asked = parse_json(filter);
    const auto answer = parse_json(acknowledged_params);
    const json::object* params = answer ? answer->if_object() : nullptr;
    const json::value* honoured = params != nullptr ? params->if_contains("notifications") : nullptr;
    if (!asked || !asked->is_object() || honoured == nullptr || !honoured->is_object()) return {};
    std::string out;
    const auto add = [&out](std::string_view what) {
        if (out.size() < 500) out += (out.empty() ? "" : ", ") + std::string(what.substr(0, 200));
    };
    for (const auto& member : asked->as_object()) {
        const json::value* there = honoured->as_object().if_contains(member.key());
        if (member.value().is_bool()) {
            if (there == nullptr || !there->is_bool() || !there->as_bool()) add(member.key());
            continue;
        }
        for (const json::value& uri : member.value().as_array()) {
            const bool taken = there != nullptr && there->is_array() &&
                               std::ranges::find(there->as_array(), uri) != there->as_array().end();
            if (!taken) add(uri.as_string());
        }
    }
    return out;
}

Duration pause_before_listening(int failures, double u) noexcept {
    const Duration base = std::min<Duration>(60s, 1s * (1LL << std::clamp(failures, 0, 6)));
    return base - std::chrono::duration_cast<Duration>(base * (0.5 * std::clamp(u, 0.0, 1.0)));
}

}  // namespace haive::mcp
