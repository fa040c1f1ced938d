// The methods of both eras, but for the handshake and tools/call.
#include "catalogue.hpp"
#include "kept_for.hpp"
#include "tasks.hpp"

#include <boost/json/array.hpp>

namespace builtin {

namespace {

constexpr int short_while = 5000;  // milliseconds

}  // namespace

void Conversation::on_request(const Request& request) {
    const std::string& method = request.method;
    const bool handshake = method == "initialize" || (method == "server/discover" && request.modern);
    if (method == "server/discover" && switches().die_on_discover) world_.die();
    if (method == "ping" && switches().silent_ping) return;
    if (request.modern) client_capabilities_ = object_in(object_in(request.params, "_meta"), capabilities_key);
    if (method == "tools/call") return start_call(request);
    if (method == "prompts/get" && is_asking_prompt(switches(), request.params)) return start_call(request);
    if (method == "tasks/result" && !request.modern) return world_.tasks.result(request, *this);
    if (method == "subscriptions/listen" && request.modern) return listen(request);
    world_.replies.answer(*request.to, request.id, result_of(request), request.modern);
    if (handshake && request.modern) after_handshake(true);
    if (handshake && switches().never_read) reading_ = false;
}

json::object Conversation::result_of(const Request& request) {
    const auto& [id, method, params, to, modern] = request;
    const auto page = [&](const char* key, json::array all) {
        return kept_for(short_while, page_of(key, std::move(all), params, switches().page_size), modern);
    };
    if (method == "tools/list") return page("tools", tool_list(switches(), world_.tools_changed));
    if (method == "resources/list") return page("resources", resource_list(switches()));
    if (method == "resources/templates/list") return page("resourceTemplates", resource_template_list(switches()));
    if (method == "resources/read") return kept_for(short_while, read_resource(switches(), params, modern), modern);
    if (method == "prompts/list") return page("prompts", prompt_list(switches(), world_.prompts_changed));
    if (method == "prompts/get") return get_prompt(switches(), params);
    if (method == "completion/complete") return complete(switches(), params);
    if (method == "server/discover" && modern) return discover();
    if (method.starts_with("tasks/")) {
        if (auto result = world_.tasks.answer(request, *this)) return std::move(*result);
    }
    if (!modern) return legacy_result_of(request);
    throw Refusal{switches().silent_unknown ? no_answer : -32601, "unknown method " + method};
}

json::object Conversation::legacy_result_of(const Request& request) {
    const std::string& method = request.method;
    if (method == "initialize") return initialize(request.params);
    if (method == "ping" && !switches().no_ping) return {};
    if (method == "logging/setLevel") {
        least_log_level_ = log_level(text_param(request.params, "level"));
        return {};
    }
    if (method == "resources/subscribe") {
        constexpr std::size_t most = 1000;
        const std::string uri = text_param(request.params, "uri");
        if (subscriptions_.size() >= most) throw Refusal{-32602, "too many subscriptions"};
        subscriptions_.insert(uri);
        return {};
    }
    if (method == "resources/unsubscribe") {
        subscriptions_.erase(text_param(request.params, "uri"));
        return {};
    }
    throw Refusal{switches().silent_unknown ? no_answer : -32601, "unknown method " + method};
}

}  // namespace builtin
