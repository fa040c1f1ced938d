#include "client/input_rounds.hpp"

#include "client/input_gathering.hpp"
#include "client/pause.hpp"
#include "client/session.hpp"
#include "client/task_following.hpp"
#include "haive/mcp/protocol/error_codes.hpp"
#include "protocol/input_required.hpp"

#include <algorithm>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration pause_without_questions = 250ms;

Error about(Error error, const ClientContext& context, const Request& request, Duration elapsed) {
    auto& details = error.edit();
    details.server = context.server();
    details.operation = request.name.empty() ? request.method : request.method + ' ' + request.name;
    details.elapsed = elapsed;
    return error;
}

TimePoint deadline_of(const ClientContext& context, const CallOptions& options, TimePoint now) {
    const Duration idle = to_duration(options.timeout.value_or(context.options().request_timeout));
    const Duration ten_times = idle > Duration::max() / 10 ? Duration::max() : idle * 10;
    return saturating_add(now, options.max_total_timeout ? to_duration(*options.max_total_timeout) : ten_times);
}

/// 2025-11-25: the pages that an answer needs first. They are opened; the caller decides when to ask again.
Task<Error> open_required_pages(std::shared_ptr<ClientContext> context, Error error, TimePoint deadline,
                                std::shared_ptr<CancelSlot> cancel) {
    std::vector<InputRequest> pages;
    for (RawJson& params : required_elicitations(error.details().rpc_data)) {
        InputRequest page;
        page.method = "elicitation/create";
        page.params = std::move(params);
        pages.push_back(std::move(page));
    }
    if (pages.empty()) co_return error;
    auto gathering =
        std::make_shared<Gathering>(context->runtime().loop(), deadline, std::move(pages), std::move(cancel));
    gathering->ask(context);
    co_await *gathering;
    error.set_mend(gathering->failure()
                       ? "the server wants a page opened first, which failed: " + gathering->failure()->message()
                       : "finish the page that was opened, then call again");
    co_return error;
}

/// 2025-11-25: an error that asks for pages to be opened, and there is someone who opens them.
bool wants_pages(const ClientContext& context, const Error& error) {
    return error.details().rpc_code == rpc_code::url_elicitation_required && context.options().offer_url_elicitation &&
           context.options().on_elicitation;
}

/// What kind of answer of the modern era it is.
std::string type_of(const Request& request, const Reply& reply) {
    return request.options.manual_input ? "complete" : result_type(reply.result.text());
}

/// 2025-11-25: the tool runs only as a task, and this server has tasks.
bool must_be_task(ClientContext& context, const Request& request) {
    if (request.method != "tools/call") return false;
    const ToolFacts* facts = context.tools().find(request.name);
    if (facts == nullptr || facts->task_support != TaskSupport::required) return false;
    const auto session = context.session();
    return session && session->facts() && session->facts()->era == Era::legacy &&
           !session->facts()->capabilities.tasks.empty();
}

/// The rounds behind the first answer, where that asks for more than to be handed on. Apart from `call_with_input`, and
/// not to be merged with it by the compiler: few calls need it, and its frame is too large for the pool of frames.
[[gnu::noinline]] Task<Result<Reply>> call_further(std::shared_ptr<ClientContext> context, Caller& inner,
                                                   Request request, bool as_task, TimePoint began,
                                                   Result<Reply> reply) {
    Loop& loop = context->runtime().loop();
    const TimePoint deadline = deadline_of(*context, request.options, began);
    const std::string params = request.params;
    for (int round = 0;; ++round) {
        if (reply.has_error()) {
            const Error error = reply.error();
            if (!wants_pages(*context, error)) co_return error;
            auto told = co_await open_required_pages(context, error, deadline, request.cancel);
            co_return told;
        }
        if (reply->era == Era::legacy) {
            auto created = as_task ? parse_created_task(reply->result.text()) : std::nullopt;
            if (!created) co_return reply;
            if (created->has_error()) co_return about(created->error(), *context, request, loop.now() - began);
            auto ended =
                co_await follow_task(context, inner, std::move(request), std::move(**created), Era::legacy, deadline);
            co_return ended;
        }
        const std::string type = type_of(request, *reply);
        if (type == "task") {
            auto created = parse_task(reply->result.text());
            if (created.has_error()) co_return about(created.error(), *context, request, loop.now() - began);
            auto ended =
                co_await follow_task(context, inner, std::move(request), std::move(*created), Era::modern, deadline);
            co_return ended;
        }
        if (type != "input_required") co_return reply;
        auto asked = parse_input_required(reply->result.text());
        if (asked.has_error()) co_return about(asked.error(), *context, request, loop.now() - began);
        if (round >= context->options().max_input_rounds) {
            Error error(ErrorKind::protocol_violation,
                        "the server asked for input " + std::to_string(round + 1) + " times and did not finish",
                        Disposition::maybe_executed);
            co_return about(std::move(error), *context, request, loop.now() - began);
        }
        std::vector<std::pair<std::string, RawJson>> responses;
        if (asked->requests.empty()) {
            Pause pause(loop, std::min(deadline, saturating_add(loop.now(), pause_without_questions)),
                        request.cancel.get());
            co_await pause;
        } else {
            auto gathering = std::make_shared<Gathering>(loop, deadline, std::move(asked->requests), request.cancel);
            gathering->ask(context);
            co_await *gathering;
            if (gathering->failure()) {
                co_return about(*gathering->failure(), *context, request, loop.now() - began);
            }
            responses = gathering->take();
        }
        request.params = params_with_input(params, responses, asked->request_state);
        request.carries_input = true;
        request.options.max_total_timeout = Seconds(std::max(Duration::zero(), deadline - loop.now()));
        auto next = co_await inner.call(request);
        reply = std::move(next);
    }
}

/// Whether an answer is what the caller gets, as it is.
bool is_final(const ClientContext& context, const Request& request, bool as_task, const Result<Reply>& reply) {
    if (reply.has_error()) return !wants_pages(context, reply.error());
    if (reply->era == Era::legacy) return !as_task;
    const std::string type = type_of(request, *reply);
    return type != "task" && type != "input_required";
}

}  // namespace

bool may_ask_for_input(std::string_view method) noexcept {
    return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

Task<Result<Reply>> call_with_input(std::shared_ptr<ClientContext> context, Caller& inner, Request request) {
    const TimePoint began = context->runtime().loop().now();
    const bool as_task = must_be_task(*context, request);
    if (as_task) request.params = params_as_task(request.params);
    Request first = request;  // it may have to be asked again, with more
    auto reply = co_await inner.call(std::move(first));
    if (is_final(*context, request, as_task, reply)) co_return reply;
    auto ended = co_await call_further(std::move(context), inner, std::move(request), as_task, began, std::move(reply));
    co_return ended;
}

}  // namespace haive::mcp
