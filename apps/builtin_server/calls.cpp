// What becomes of a tools/call, and what its tool says meanwhile.
#include "faults.hpp"
#include "server.hpp"

#include <boost/json/serialize.hpp>

namespace builtin {

void Server::start_call(const Request& request) {
    const std::string name = text_param(request.params, "name");
    const auto& meta = object_in(request.params, "_meta");
    auto call = std::make_shared<ToolCall>();
    call->id = request.id;
    call->key = json::serialize(request.id);
    call->modern = request.modern;
    call->arguments = object_in(request.params, "arguments");
    if (const auto* token = meta.if_contains("progressToken")) call->progress_token = *token;
    if (meta.contains(log_level_key)) call->least_log_level = log_level(text_param(meta, log_level_key));
    if (!running_.emplace(call->key, call).second) throw Refusal{-32600, "a call with this id is running already"};
    call->ordinal = ++started_;
    try {
        run_tool(*this, name, call);
    } catch (const Refusal& refusal) {
        fail(call, refusal);
    }
}

void Server::settle(const CallPtr& call, Outcome outcome) {
    if (call->cancelled) return;
    if (call->ordinal == switches_.die_before_answer) {
        out_.flush();
        die(switches_);
    }
    flood_stderr(switches_.stderr_flood);
    if (switches_.slow_answer_ms == 0) return deliver(call, std::move(outcome));
    timers_.after(std::chrono::milliseconds(switches_.slow_answer_ms),
                  [this, call, outcome = std::move(outcome)] { deliver(call, outcome); });
}

void Server::deliver(const CallPtr& call, Outcome outcome) {
    if (call->cancelled) return;
    running_.erase(call->key);
    if (switches_.request_same_id) replies_.ask(call->id, "ping", {});
    if (auto* result = std::get_if<json::object>(&outcome)) {
        replies_.answer(call->id, std::move(*result), call->modern);
    } else {
        replies_.refuse(call->id, std::get<Refusal>(outcome));
    }
    ++answered_;
    after_answer();
}

void Server::after_answer() {
    const auto reached = [this](int limit) { return limit > 0 && answered_ >= limit; };
    if (reached(switches_.die_after)) {
        out_.flush();
        die(switches_);
    }
    if (reached(switches_.close_stdout_after)) out_.close();
    if (reached(switches_.hang_after)) replies_.fall_silent();
}

void Server::send_progress(const ToolCall& call, double progress, double total) {
    if (call.progress_token.is_null() || call.cancelled) return;
    replies_.notify("notifications/progress", {{"progressToken", call.progress_token},
                                               {"progress", progress},
                                               {"total", total},
                                               {"message", "step " + std::to_string(static_cast<int>(progress))}});
}

/// A modern server logs only to a request that asked for it.
void Server::log(const ToolCall& call, int level, const std::string& text) {
    const int least = call.modern ? call.least_log_level.value_or(log_silence) : least_log_level_;
    if (level < least) return;
    replies_.notify("notifications/message",
                    {{"level", log_level_name(level)}, {"logger", "haive-mcp-server"}, {"data", text}});
}

void Server::ask(std::string_view method, json::object params, std::function<void(const json::object&)> then) {
    const std::string id = "server-" + std::to_string(next_ask_++);
    asked_[id] = std::move(then);
    replies_.ask(json::string(id), method, std::move(params));
}

}  // namespace builtin
