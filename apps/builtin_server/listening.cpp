// Who hears of changes: in the legacy era everybody who is connected, in the modern one who asked for it.
#include "conversation.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <array>

namespace builtin {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> lists{{
    {"toolsListChanged", "tools"},
    {"promptsListChanged", "prompts"},
    {"resourcesListChanged", "resources"},
}};

json::object tagged(const json::value& id, json::object params = {}) {
    params["_meta"] = json::object{{subscription_key, id}};
    return params;
}

}  // namespace

/// Kept open until it is cancelled.
void Conversation::listen(const Request& request) {
    const auto& wanted = object_in(request.params, "notifications");
    Listener listener{request.id, request.to, {}, {}, {}};
    json::object honoured;
    for (const auto& [kind, list] : lists) {
        const auto* wants = wanted.if_contains(kind);
        if (wants == nullptr || !wants->is_bool() || !wants->get_bool()) continue;
        honoured[kind] = true;
        listener.lists.emplace(list);
    }
    for (auto [kind, names] : {std::pair("resourceSubscriptions", &listener.resources), {"taskIds", &listener.tasks}}) {
        const auto* given = wanted.if_contains(kind);
        if (given == nullptr || !given->is_array()) continue;
        for (const auto& name : given->get_array()) {
            if (name.is_string()) names->emplace(name.get_string());
        }
        honoured[kind] = *given;
    }
    world_.replies.notify(*request.to, "notifications/subscriptions/acknowledged",
                          tagged(request.id, {{"notifications", std::move(honoured)}}));
    listeners_[json::serialize(request.id)] = std::move(listener);
}

void Conversation::end_listening(bool broken) {
    const auto ended = std::exchange(listeners_, {});
    if (spoke_legacy_ && broken) general_->interrupt(false);
    for (const auto& [key, listener] : ended) {
        if (broken) listener.to->interrupt(false);
        if (!broken) world_.replies.answer(*listener.to, listener.id, tagged(listener.id), true);
    }
}

void Conversation::list_changed(std::string_view list) {
    const std::string method = "notifications/" + std::string(list) + "/list_changed";
    if (spoke_legacy_) world_.replies.notify(*general_, method, {});
    const auto self = shared_from_this();
    const auto listeners = listeners_;  // telling one may end us
    for (const auto& [key, listener] : listeners) {
        if (listener.lists.contains(list)) world_.replies.notify(*listener.to, method, tagged(listener.id));
    }
}

void Conversation::resource_updated(const std::string& uri) {
    constexpr std::string_view method = "notifications/resources/updated";
    if (subscriptions_.contains(uri)) world_.replies.notify(*general_, method, {{"uri", uri}});
    const auto self = shared_from_this();
    const auto listeners = listeners_;  // telling one may end us
    for (const auto& [key, listener] : listeners) {
        if (!listener.resources.contains(uri)) continue;
        world_.replies.notify(*listener.to, method, tagged(listener.id, {{"uri", uri}}));
    }
}

void Conversation::task_changed(const std::string& id, const json::object& task) {
    const auto self = shared_from_this();
    const auto listeners = listeners_;  // telling one may end us
    for (const auto& [key, listener] : listeners) {
        if (listener.tasks.contains(id)) {
            world_.replies.notify(*listener.to, "notifications/tasks", tagged(listener.id, task));
        }
    }
}

}  // namespace builtin
