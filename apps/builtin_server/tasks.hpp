#pragma once

#include "conversation.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <variant>

namespace builtin {

/// A call whose end is asked for, not waited for.
struct Task {
    std::string id;
    CallPtr call;
    std::string status = "working";
    std::chrono::system_clock::time_point created;
    std::chrono::system_clock::time_point updated;
    std::int64_t ttl_ms = 0;
    std::variant<std::monostate, json::object, Refusal> outcome;
    // While it waits for the client.
    json::object open;     // the questions, by key
    json::object answers;  // as far as they came
    Answers then;
    // Legacy: those who wait for its end by tasks/result.
    std::vector<Request> waiting;

    [[nodiscard]] bool ended() const { return status != "working" && status != "input_required"; }
};

/// Tasks of both eras: those of 2025-11-25, and the extension of the modern era. Kept for their `ttl` (by default
/// five minutes), at most 1000.
class Tasks {
public:
    explicit Tasks(World& world) : world_(world) {}

    /// Whether this call is to become a task. Throws Refusal when it may not, or must.
    [[nodiscard]] bool wanted(const ToolCall& call, const json::object& params) const;
    /// Makes it one, and answers the request that called; `wishes` may say the `ttl` in milliseconds.
    void begin(const CallPtr& call, const json::object& wishes);
    void finish(Task& task, std::variant<json::object, Refusal> outcome);
    void wait_for_input(Task& task, const std::vector<Question>& questions, Answers then);

    /// tasks/...; nullopt for a method that the request's era does not have.
    [[nodiscard]] std::optional<json::object> answer(const Request& request, Conversation& from);
    /// tasks/result of the legacy era: answers when the task has ended.
    void result(const Request& request, Conversation& from);

private:
    [[nodiscard]] std::shared_ptr<Task> find(const Request& request, const Conversation& from);
    void set_status(Task& task, std::string status);
    void cancel(Task& task);
    void update(Task& task, const json::object& responses);
    void take_answer(Task& task, const std::string& key, json::object answer);
    void ask_through(Task& task, Outlet& to);
    void deliver(const Task& task, const Request& request);

    World& world_;
    std::map<std::string, std::shared_ptr<Task>, std::less<>> tasks_;
};

}  // namespace builtin
