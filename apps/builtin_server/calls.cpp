// What becomes of a tools/call, and what its tool says meanwhile.
#include "catalogue.hpp"
#include "conversation.hpp"
#include "faults.hpp"
#include "tasks.hpp"

#include <boost/json/serialize.hpp>

namespace builtin {

CallPtr Conversation::new_call(const Request& request) {
    const auto& meta = object_in(request.params, "_meta");
    auto call = std::make_shared<ToolCall>();
    call->name = text_param(request.params, "name");
    call->id = request.id;
    call->key = json::serialize(request.id);
    call->modern = request.modern;
    call->to = request.to;
    call->conversation = shared_from_this();
    call->client_capabilities = client_capabilities_;
    call->arguments = object_in(request.params, "arguments");
    if (const auto* token = meta.if_contains("progressToken")) call->progress_token = *token;
    if (meta.contains(log_level_key)) call->least_log_level = log_level(text_param(meta, log_level_key));
    if (request.modern) take_answers(*call, request.params);
    return call;
}

void Conversation::start_call(const Request& request) {
    const CallPtr call = new_call(request);
    if (!running_.emplace(call->key, call).second) throw Refusal{-32600, "a call with this id is running already"};
    call->ordinal = ++world_.started;
    try {
        if (request.method == "prompts/get") return run_asking_prompt(call);
        call->task_params = object_in(request.params, "task");
        if (world_.tasks.wanted(*call, request.params) && !asks_first(switches(), call->name)) become_task(call);
        run_tool(call);
    } catch (const Refusal& refusal) {
        fail(call, refusal);
    }
}

void Conversation::become_task(const CallPtr& call) {
    running_.erase(call->key);
    world_.tasks.begin(call, call->task_params);
    ++world_.answered;
}

void Conversation::settle(const CallPtr& call, Outcome outcome) {
    if (call->cancelled) return;
    if (call->ordinal == switches().die_before_answer) world_.die();
    flood_stderr(switches().stderr_flood);
    if (switches().slow_answer_ms == 0) return deliver(call, std::move(outcome));
    timers().after(std::chrono::milliseconds(switches().slow_answer_ms),
                   [call, outcome = std::move(outcome)] { call->conversation->deliver(call, outcome); });
}

void Conversation::deliver(const CallPtr& call, Outcome outcome) {
    if (call->cancelled) return;
    if (call->task) return world_.tasks.finish(*call->task, std::move(outcome));
    running_.erase(call->key);
    Replies& replies = world_.replies;
    if (switches().request_same_id) replies.ask(*call->to, call->id, "ping", {});
    ++world_.answered;
    if (auto* result = std::get_if<json::object>(&outcome)) {
        replies.answer(*call->to, call->id, std::move(*result), call->modern);
    } else {
        replies.refuse(*call->to, call->id, std::get<Refusal>(outcome));
    }
    after_answer();
}

void Conversation::after_answer() {
    const auto reached = [this](int limit) { return limit > 0 && world_.answered >= limit; };
    if (reached(switches().die_after)) world_.die();
    if (reached(switches().close_stdout_after)) world_.close_output();
    if (reached(switches().hang_after)) world_.replies.fall_silent();
}

void Conversation::send_progress(const ToolCall& call, double progress, double total, bool with_message) {
    if (call.progress_token.is_null() || call.cancelled) return;
    json::object params{{"progressToken", call.progress_token}, {"progress", progress}, {"total", total}};
    if (with_message) params["message"] = "step " + std::to_string(static_cast<int>(progress));
    world_.replies.notify(*call.to, "notifications/progress", std::move(params));
}

/// A modern server logs only to a request that asked for it.
void Conversation::log(const ToolCall& call, int level, const std::string& text) {
    const int least = call.modern ? call.least_log_level.value_or(log_silence) : least_log_level_;
    if (level < least || call.cancelled) return;
    world_.replies.notify(*call.to, "notifications/message",
                          {{"level", log_level_name(level)}, {"logger", "haive-mcp-server"}, {"data", text}});
}

}  // namespace builtin
