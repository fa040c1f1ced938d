// The methods of both eras, but for the handshake and tools/call.
#include "catalogue.hpp"
#include "faults.hpp"
#include "kept_for.hpp"
#include "server.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace builtin {

namespace {

constexpr int short_while = 5000;  // milliseconds

}  // namespace

void Server::on_request(const Request& request) {
    const std::string& method = request.method;
    const bool handshake = method == "initialize" || (method == "server/discover" && request.modern);
    if (method == "server/discover" && switches_.die_on_discover) {
        out_.flush();
        die(switches_);
    }
    if (method == "ping" && switches_.silent_ping) return;
    if (method == "tools/call") return start_call(request);
    if (method == "subscriptions/listen" && request.modern) return listen(request);
    if (request.modern) client_capabilities_ = object_in(object_in(request.params, "_meta"), capabilities_key);
    replies_.answer(request.id, result_of(request), request.modern);
    if (handshake && request.modern) after_handshake(true);
    if (handshake && switches_.never_read) reading_ = false;
}

json::object Server::result_of(const Request& request) {
    const auto& [id, method, params, modern] = request;
    const auto page = [&](const char* key, json::array all) {
        return kept_for(short_while, page_of(key, std::move(all), params, switches_.page_size), modern);
    };
    if (method == "tools/list") return page("tools", tool_list(switches_.extra_tools, tools_changed_));
    if (method == "resources/list") return page("resources", resource_list());
    if (method == "resources/templates/list") return page("resourceTemplates", resource_template_list());
    if (method == "resources/read") return kept_for(short_while, read_resource(params, modern), modern);
    if (method == "prompts/list") return page("prompts", prompt_list());
    if (method == "prompts/get") return get_prompt(params);
    if (method == "completion/complete") return complete(params);
    if (method == "server/discover" && modern) return discover();
    if (!modern) return legacy_result_of(request);
    throw Refusal{switches_.silent_unknown ? no_answer : -32601, "unknown method " + method};
}

json::object Server::legacy_result_of(const Request& request) {
    const std::string& method = request.method;
    if (method == "initialize") return initialize(request.params);
    if (method == "ping" && !switches_.no_ping) return {};
    if (method == "logging/setLevel") {
        least_log_level_ = log_level(text_param(request.params, "level"));
        return {};
    }
    if (method == "resources/subscribe" || method == "resources/unsubscribe") {
        (void)text_param(request.params, "uri");
        return {};
    }
    throw Refusal{switches_.silent_unknown ? no_answer : -32601, "unknown method " + method};
}

/// Kept open until it is cancelled. Of what is asked for, only the tools ever change.
void Server::listen(const Request& request) {
    const auto& wanted = object_in(request.params, "notifications");
    json::object honoured;
    for (const char* kind : {"toolsListChanged", "promptsListChanged", "resourcesListChanged"}) {
        const auto* wants = wanted.if_contains(kind);
        if (wants != nullptr && wants->is_bool() && wants->get_bool()) honoured[kind] = true;
    }
    if (honoured.contains("toolsListChanged")) listeners_[json::serialize(request.id)] = request.id;
    replies_.notify("notifications/subscriptions/acknowledged",
                    {{"notifications", std::move(honoured)}, {"_meta", json::object{{subscription_key, request.id}}}});
}

void Server::change_tools(const ToolCall& call) {
    constexpr std::string_view method = "notifications/tools/list_changed";
    tools_changed_ = true;
    if (!call.modern) replies_.notify(method, {});
    for (const auto& [key, id] : listeners_) {
        replies_.notify(method, {{"_meta", json::object{{subscription_key, id}}}});
    }
}

}  // namespace builtin
