#include "conversation.hpp"

#include <boost/json/serialize.hpp>

namespace builtin {

namespace {

bool is_id(const json::value& id) { return id.is_string() || id.is_int64() || id.is_uint64(); }

}  // namespace

Conversation::Conversation(World& world, OutletPtr general)
    : world_(world), general_(std::move(general)), folders_(world.switches.folders) {
    world_.conversations.insert(this);
}

Conversation::~Conversation() { world_.conversations.erase(this); }

void Conversation::close() {
    const auto self = weak_from_this().lock();  // its calls may be all that keeps it
    world_.conversations.erase(this);
    world_.drop_waiting(*this, nullptr);
    for (auto& [key, call] : running_) call->cancelled = true;
    running_.clear();
    asked_.clear();
    listeners_.clear();
}

/// With --serial, requests wait for the call before them; what the call itself may wait for does not.
void Conversation::on_message(json::object message, const OutletPtr& to) {
    const auto self = shared_from_this();  // an answer that cannot be written ends the connection that owns us
    const bool request = message.contains("method") && message.contains("id");
    if (switches().serial && request && world_.crowded()) {
        world_.later(shared_from_this(), std::move(message), to);
    } else {
        take(std::move(message), to);
    }
}

void Conversation::take(json::object message, const OutletPtr& to) {
    const auto* method = message.if_contains("method");
    const auto* id = message.if_contains("id");
    const auto* version = message.if_contains("jsonrpc");
    const json::value shown_id = id != nullptr && is_id(*id) ? *id : json::value();
    Replies& replies = world_.replies;
    const auto invalid = [&](const char* why) { replies.refuse(*to, shown_id, {-32600, why}); };
    if (version == nullptr || !version->is_string() || version->get_string() != "2.0")
        return invalid("`jsonrpc` must be \"2.0\"");
    if (method == nullptr) {
        if (!message.contains("result") && !message.contains("error")) return invalid("this is no message");
        return on_answer(message);
    }
    if (!method->is_string()) return invalid("`method` must be a string");
    if (id == nullptr) return on_notification(std::string(method->get_string()), object_in(message, "params"));
    if (!is_id(*id)) return invalid("`id` must be a string or an integer");
    try {
        const auto* params = message.if_contains("params");
        if (params != nullptr && !params->is_object()) throw Refusal{-32602, "`params` must be an object"};
        Request request{*id, std::string(method->get_string()), object_in(message, "params"), to};
        request.modern = speaks_modern(request.method, request.params);
        last_was_modern_ = request.modern;
        spoke_legacy_ = spoke_legacy_ || !request.modern;
        on_request(request);
    } catch (const Refusal& refusal) {
        replies.refuse(*to, *id, refusal);
    } catch (const std::exception& e) {
        replies.refuse(*to, *id, {-32603, std::string("this server failed: ") + e.what()});
    }
}

void Conversation::on_notification(const std::string& method, const json::object& params) {
    if (method == "notifications/initialized") {
        after_handshake(false);
    } else if (method == "notifications/cancelled") {
        if (const auto* id = params.if_contains("requestId")) cancel(*id);
    } else if (method == "notifications/roots/list_changed") {
        folders_ = switches().folders;
    }
}

void Conversation::on_answer(const json::object& message) {
    const auto* id = message.if_contains("id");
    if (id == nullptr || !id->is_string()) return;
    auto node = asked_.extract(std::string(id->get_string()));
    if (!node.empty()) node.mapped()(message);
}

void Conversation::cancel(const json::value& id) {
    const std::string key = json::serialize(id);
    listeners_.erase(key);
    world_.drop_waiting(*this, id);
    if (auto call = running_.extract(key); !call.empty()) call.mapped()->cancelled = true;
}

}  // namespace builtin
