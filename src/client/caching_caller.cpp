#include "client/caching_caller.hpp"

#include "client/input_rounds.hpp"
#include "haive/mcp/protocol/methods.hpp"

#include <boost/json/value.hpp>

namespace haive::mcp {

namespace {

CatalogueCache::Policy policy_for(std::string_view method, const RawJson& answer, const SessionFacts* facts) {
    CatalogueCache::Policy policy;
    if (facts == nullptr) return policy;
    if (facts->era == Era::legacy) {
        const ServerCapabilities& c = facts->capabilities;
        policy.announces_changes = (method.starts_with("tools") && c.tools_list_changed) ||
                                   (method.starts_with("prompts") && c.prompts_list_changed) ||
                                   (method.starts_with("resources") && c.resources_list_changed);
        return policy;
    }
    auto value = answer.value();
    const json::object* object = value ? value->if_object() : nullptr;
    const auto* ttl = object != nullptr ? object->if_contains("ttlMs") : nullptr;
    if (ttl != nullptr && ttl->is_number()) {
        policy.time_to_live = to_duration(Seconds(ttl->to_number<double>() / 1000));
    }
    return policy;
}

}  // namespace

Task<Result<Reply>> CachingCaller::call(Request request) {
    request.cancel = slot_;
    if (request.method == "tools/call") {
        const ToolFacts* facts = context_->tools().find(request.name);
        request.hinted_repeatable = facts != nullptr && facts->repeatable;
    }
    if (may_ask_for_input(request.method)) return call_with_input(context_, *inner_, std::move(request));
    if (!is_cacheable_list(request.method)) return inner_->call(std::move(request));
    return cached_call(std::move(request));
}

Task<Result<Reply>> CachingCaller::cached_call(Request request) {
    Loop& loop = context_->runtime().loop();
    if (use_cache_) {
        if (const RawJson* known = context_->catalogue().find(request.method, request.params, loop.now())) {
            Reply reply;
            reply.result = *known;
            co_return reply;
        }
    }
    const std::string method = request.method;
    const std::string params = request.params;
    auto reply = co_await inner_->call(std::move(request));
    if (reply) {
        const auto policy = policy_for(method, reply->result, facts_.get());
        context_->catalogue().store(method, params, reply->result, policy, loop.now());
    }
    co_return reply;
}

}  // namespace haive::mcp
