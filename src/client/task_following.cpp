#include "client/task_following.hpp"

#include "client/call_wait.hpp"
#include "client/input_gathering.hpp"
#include "client/pause.hpp"
#include "client/session.hpp"

#include <algorithm>
#include <set>

namespace haive::mcp {

namespace {

constexpr std::size_t most_answered = 10'000;

/// One question about a task.
Request about_task(const Request& call, std::string_view method, const std::string& id, TimePoint now,
                   TimePoint deadline) {
    Request request;
    request.method = method;
    request.params = "{\"taskId\":";
    append_json_string(request.params, id);
    request.params += '}';
    request.name = id;
    request.cancel = call.cancel;
    request.options.timeout = call.options.timeout;
    request.options.meta = call.options.meta;
    request.options.max_total_timeout = Seconds(std::max(Duration::zero(), deadline - now));
    request.options.wait_for_ready = true;
    return request;
}

/// Losses that another poll may find mended.
bool may_pass(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::not_connected:
        case ErrorKind::connection_lost:
        case ErrorKind::session_lost:
        case ErrorKind::server_unavailable:
        case ErrorKind::idle_timeout: return true;
        default: return false;
    }
}

/// The questions of a task that it has not got an answer to yet.
std::vector<InputRequest> open_questions(const TaskFacts& task, const std::set<std::string>& answered) {
    std::string as_result = "{\"inputRequests\":";
    as_result += task.input_requests.empty() ? std::string_view("{}") : task.input_requests.text();
    auto asked = parse_input_required(as_result + '}');
    if (asked.has_error()) return {};
    std::erase_if(asked->requests, [&](const InputRequest& one) { return answered.contains(one.key); });
    return std::move(asked->requests);
}

Error ended(std::string text, ErrorKind kind = ErrorKind::rpc_error) {
    return Error(kind, std::move(text), Disposition::executed);
}

Error in_words(const ClientContext& context, const Request& call, const TaskFacts& task, Error error) {
    auto& details = error.edit();
    details.server = context.server();
    details.operation = call.method + ' ' + call.name + " (task " + task.id.substr(0, 64) + ")";
    error.set_disposition(std::max(error.disposition(), Disposition::maybe_executed));
    return error;
}

/// Best effort, and nobody waits for what comes of it.
detail::Detached cancel_task(std::shared_ptr<ClientContext> context, std::string id) {
    auto session = context->session();
    if (!session) co_return;
    const TimePoint now = context->runtime().loop().now();
    Request call;
    Request request = about_task(call, "tasks/cancel", id, now, saturating_add(now, std::chrono::seconds(10)));
    auto told = co_await session->call(std::move(request));
    (void)told;
}

}  // namespace

std::string params_as_task(const std::string& params) {
    const std::size_t end = params.rfind('}');
    if (end == std::string::npos) return params;
    const bool empty = params.find_first_not_of(" \t{", 0) == end;
    return params.substr(0, end) + (empty ? R"("task":{}})" : R"(,"task":{}})");
}

Task<Result<Reply>> follow_task(std::shared_ptr<ClientContext> context, Caller& inner, Request call, TaskFacts task,
                                Era era, TimePoint deadline) {
    Loop& loop = context->runtime().loop();
    std::set<std::string> answered;
    for (int asked = 0;; ++asked) {
        if (task.status == TaskStatus::completed && era == Era::modern) {
            Reply reply;
            reply.result = std::move(task.result);
            reply.era = era;
            co_return reply;
        }
        if (task.status == TaskStatus::failed && era == Era::modern) {
            Error error = error_of_answer(task.error.empty() ? std::string_view("{}") : task.error.text());
            co_return in_words(*context, call, task, std::move(error));
        }
        if (task.status == TaskStatus::cancelled) {
            co_return in_words(*context, call, task, ended("the server cancelled the task", ErrorKind::cancelled));
        }
        const bool fetch = era == Era::legacy && task.status != TaskStatus::working;
        if (fetch) {  // ended, or it needs input: the answer waits, and the questions come as requests
            Request request = about_task(call, "tasks/result", task.id, loop.now(), deadline);
            request.options.timeout = request.options.max_total_timeout;
            auto reply = co_await inner.call(std::move(request));
            if (reply) co_return reply;
            const Error error = reply.error();
            if (!may_pass(error)) co_return in_words(*context, call, task, error);
        } else if (era == Era::modern && task.status == TaskStatus::input_required) {
            auto questions = open_questions(task, answered);
            if (!questions.empty()) {
                for (const auto& one : questions) answered.insert(one.key);
                auto gathering = std::make_shared<Gathering>(loop, deadline, std::move(questions), call.cancel);
                gathering->ask(context);
                co_await *gathering;
                if (gathering->failure()) {
                    cancel_task(context, task.id);
                    co_return in_words(*context, call, task, *gathering->failure());
                }
                const auto answers = gathering->take();
                Request request = about_task(call, "tasks/update", task.id, loop.now(), deadline);
                request.params = params_with_input(request.params, answers, "");
                request.carries_input = true;
                auto told = co_await inner.call(std::move(request));
                if (told.has_error()) co_return in_words(*context, call, task, told.error());
                if (answered.size() > most_answered) {
                    co_return in_words(*context, call, task,
                                       ended("the task asks without end", ErrorKind::protocol_violation));
                }
            }
        }
        Pause pause(loop, std::min(deadline, saturating_add(loop.now(), next_poll(task, asked))), call.cancel.get());
        co_await pause;
        const bool given_up = call.cancel && call.cancel->requested();
        if (given_up || loop.now() >= deadline) {
            cancel_task(context, task.id);
            Error error(given_up ? ErrorKind::cancelled : ErrorKind::deadline_exceeded,
                        given_up ? "cancelled by the caller" : "the task did not end within the call's total time");
            co_return in_words(*context, call, task, std::move(error));
        }
        Request request = about_task(call, "tasks/get", task.id, loop.now(), deadline);
        auto reply = co_await inner.call(std::move(request));
        if (reply.has_error()) {
            const Error error = reply.error();
            if (!may_pass(error) && error.kind() != ErrorKind::cancelled) {
                co_return in_words(*context, call, task, error);
            }
            continue;  // a cancel is seen after the pause, which it ends
        }
        auto news = parse_task(reply->result.text());
        if (news.has_error()) co_return in_words(*context, call, task, news.error());
        task = std::move(*news);
    }
}

}  // namespace haive::mcp
