#include "tasks.hpp"

#include "seal.hpp"

#include <boost/json/array.hpp>

#include <cstdio>
#include <ctime>

namespace builtin {

namespace {

constexpr std::int64_t default_ttl_ms = 300'000;
constexpr std::int64_t longest_ttl_ms = 3'600'000;
constexpr int poll_ms = 100;

std::string iso(std::chrono::system_clock::time_point when) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
    const auto seconds = static_cast<std::time_t>(ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    std::string out(text, size);
    const std::string fraction = std::to_string(1000 + ms % 1000);
    return out + "." + fraction.substr(1) + "Z";
}

json::object described(const Task& task) {
    const bool modern = task.call->modern;
    return {{"taskId", task.id},
            {"status", task.status},
            {"createdAt", iso(task.created)},
            {"lastUpdatedAt", iso(task.updated)},
            {modern ? "ttlMs" : "ttl", task.ttl_ms},
            {modern ? "pollIntervalMs" : "pollInterval", poll_ms}};
}

json::object error_of(const Refusal& refusal) {
    json::object out{{"code", refusal.code}, {"message", refusal.message}};
    if (!refusal.data.empty()) out["data"] = refusal.data;
    return out;
}

json::object detailed(const Task& task) {
    json::object out = described(task);
    if (!task.open.empty() && task.status == "input_required") out["inputRequests"] = task.open;
    if (const auto* result = std::get_if<json::object>(&task.outcome)) out["result"] = *result;
    if (const auto* refusal = std::get_if<Refusal>(&task.outcome)) out["error"] = error_of(*refusal);
    return out;
}

bool has_extension(const json::object& client_capabilities) {
    return object_in(client_capabilities, "extensions").contains(tasks_extension);
}

Refusal needs_extension() {
    return {-32021,
            "this needs the tasks extension",
            {{"requiredCapabilities", json::object{{"extensions", json::object{{tasks_extension, json::object()}}}}}}};
}

}  // namespace

bool Tasks::wanted(const ToolCall& call, const json::object& params) const {
    const TaskSupport support = task_support(world_.switches, call.name);
    if (call.modern) {
        const bool can = has_extension(call.client_capabilities);
        if (support == TaskSupport::required && !can) throw needs_extension();
        return can && support != TaskSupport::forbidden;
    }
    const bool asked = params.contains("task");
    if (asked && support == TaskSupport::forbidden) throw Refusal{-32601, "this tool does not run as a task"};
    if (!asked && support == TaskSupport::required) throw Refusal{-32601, "this tool runs only as a task"};
    return asked;
}

void Tasks::begin(const CallPtr& call, const json::object& wishes) {
    constexpr std::size_t most = 1000;
    const auto now = std::chrono::system_clock::now();
    std::erase_if(tasks_, [&](const auto& each) {
        const Task& task = *each.second;
        return task.ended() && now - task.updated > std::chrono::milliseconds(task.ttl_ms);
    });
    if (tasks_.size() >= most) throw Refusal{-32603, "too many tasks"};
    auto task = std::make_shared<Task>();
    task->id = "task-" + random_text();
    task->call = call;
    task->created = task->updated = now;
    task->ttl_ms = integer_param(wishes, "ttl", default_ttl_ms, longest_ttl_ms);
    tasks_[task->id] = task;
    call->task = task;
    json::object created = described(*task);
    if (call->modern) {
        created["resultType"] = "task";
    } else {
        created = json::object{{"task", std::move(created)}};
    }
    world_.replies.answer(*call->to, call->id, std::move(created), call->modern);
}

void Tasks::finish(Task& task, std::variant<json::object, Refusal> outcome) {
    if (task.ended()) return;
    const bool refused = std::holds_alternative<Refusal>(outcome);
    if (refused) {
        task.outcome = std::move(std::get<Refusal>(outcome));
    } else {
        task.outcome = std::move(std::get<json::object>(outcome));
    }
    const auto* result = std::get_if<json::object>(&task.outcome);
    const bool failed = refused || (!task.call->modern && result->contains("isError"));
    set_status(task, failed ? "failed" : "completed");
}

void Tasks::set_status(Task& task, std::string status) {
    task.status = std::move(status);
    task.updated = std::chrono::system_clock::now();
    if (task.call->modern) world_.task_changed(task.id, detailed(task));
    if (!task.ended()) return;
    const auto waiting = std::move(task.waiting);
    task.waiting.clear();
    for (const Request& request : waiting) deliver(task, request);
}

void Tasks::cancel(Task& task) {
    if (task.ended()) return;
    task.call->cancelled = true;
    task.then = nullptr;
    set_status(task, "cancelled");
}

void Tasks::wait_for_input(Task& task, const std::vector<Question>& questions, Answers then) {
    for (const Question& question : questions) {
        task.open[question.key] = json::object{{"method", question.method}, {"params", question.params}};
    }
    task.answers.clear();
    task.then = std::move(then);
    set_status(task, "input_required");
    if (!task.waiting.empty()) ask_through(task, *task.waiting.front().to);
}

/// Legacy: the questions go out beside the request for the result.
void Tasks::ask_through(Task& task, Outlet& to) {
    const json::object open = task.open;
    for (const auto& [key, question] : open) {
        const auto& asked = question.as_object();
        const auto self = find({nullptr, "", {{"taskId", task.id}}, nullptr, false}, *task.call->conversation);
        json::object params = asked.at("params").as_object();
        params["_meta"] = json::object{{related_task_key, json::object{{"taskId", task.id}}}};
        task.call->conversation->ask_one(
            to, {key, std::string(asked.at("method").as_string()), std::move(params)},
            [this, self, name = std::string(key)](const json::object& answer) { take_answer(*self, name, answer); });
    }
}

void Tasks::take_answer(Task& task, const std::string& key, json::object answer) {
    if (task.open.erase(key) == 0) return;
    task.answers[key] = std::move(answer);
    if (!task.open.empty()) return;
    set_status(task, "working");
    const Answers then = std::move(task.then);
    task.then = nullptr;
    if (then) then(json::object(task.answers));
}

void Tasks::update(Task& task, const json::object& responses) {
    for (const auto& [key, answer] : responses) {
        if (answer.is_object()) take_answer(task, std::string(key), {{"result", answer}});
    }
}

std::shared_ptr<Task> Tasks::find(const Request& request, const Conversation& from) {
    const std::string id = text_param(request.params, "taskId");
    const auto found = tasks_.find(id);
    const bool known = found != tasks_.end() && found->second->call->modern == request.modern &&
                       (request.modern || found->second->call->conversation.get() == &from);
    if (!known) throw Refusal{-32602, "there is no task " + id};
    return found->second;
}

std::optional<json::object> Tasks::answer(const Request& request, Conversation& from) {
    const bool list = request.method == "tasks/list" && !request.modern;
    const bool one = request.method == "tasks/get" || request.method == "tasks/cancel" ||
                     (request.method == "tasks/update" && request.modern);
    if (list) {
        json::array out;
        for (const auto& [id, task] : tasks_) {
            if (task->call->conversation.get() == &from) out.push_back(described(*task));
        }
        return json::object{{"tasks", std::move(out)}};
    }
    if (!one) return std::nullopt;
    if (request.modern) {
        const auto& meta = object_in(request.params, "_meta");
        if (!has_extension(object_in(meta, capabilities_key))) throw needs_extension();
    }
    const auto task = find(request, from);
    if (request.method == "tasks/get") return request.modern ? detailed(*task) : described(*task);
    if (request.method == "tasks/update") {
        update(*task, object_in(request.params, "inputResponses"));
        return json::object();
    }
    if (!request.modern && task->ended()) throw Refusal{-32602, "this task has ended already"};
    cancel(*task);
    return request.modern ? json::object() : described(*task);
}

void Tasks::result(const Request& request, Conversation& from) {
    const auto task = find(request, from);
    if (task->ended()) return deliver(*task, request);
    task->waiting.push_back(request);
    if (task->status == "input_required" && task->waiting.size() == 1) ask_through(*task, *request.to);
}

void Tasks::deliver(const Task& task, const Request& request) {
    if (const auto* result = std::get_if<json::object>(&task.outcome)) {
        json::object out = *result;
        out["_meta"] = json::object{{related_task_key, json::object{{"taskId", task.id}}}};
        return world_.replies.answer(*request.to, request.id, std::move(out), false);
    }
    const auto* refusal = std::get_if<Refusal>(&task.outcome);
    world_.replies.refuse(*request.to, request.id, refusal != nullptr ? *refusal : Refusal{-32603, "it was cancelled"});
}

}  // namespace builtin
