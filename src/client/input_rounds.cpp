#include "client/input_rounds.hpp"

#include "client/pause.hpp"
#include "client/server_questions.hpp"
#include "haive/mcp/protocol/error_codes.hpp"
#include "protocol/input_required.hpp"

#include <algorithm>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration pause_without_questions = 250ms;

/// The answers to the questions of one round. Awaited once; what comes later is dropped.
class Gathering : public std::enable_shared_from_this<Gathering> {
public:
    Gathering(Loop& loop, TimePoint deadline, std::vector<InputRequest> questions, std::shared_ptr<CancelSlot> cancel)
        : questions_(std::move(questions)),
          answers_(questions_.size()),
          open_(questions_.size()),
          cancel_(std::move(cancel)),
          timer_(loop, [this] { fail(ErrorKind::deadline_exceeded, "the input did not come in time"); }) {
        timer_.arm(deadline);
        if (cancel_) cancel_->set([this] { fail(ErrorKind::cancelled, "cancelled by the caller"); });
    }
    ~Gathering() {
        if (cancel_) cancel_->clear();
    }
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;

    void ask(const std::shared_ptr<ClientContext>& context);

    [[nodiscard]] bool await_ready() const noexcept { return done_; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
    void await_resume() const noexcept {}

    [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
    [[nodiscard]] std::vector<std::pair<std::string, RawJson>> take() {
        std::vector<std::pair<std::string, RawJson>> out;
        for (std::size_t i = 0; i < questions_.size(); ++i) {
            out.emplace_back(std::move(questions_[i].key), std::move(*answers_[i]));
        }
        return out;
    }

private:
    class Slot;
    friend class Slot;

    void take_answer(std::size_t index, RawJson result) {
        if (done_ || answers_[index]) return;
        answers_[index] = std::move(result);
        if (--open_ == 0) finish();
    }
    void take_refusal(std::size_t index, int code, const std::string& why) {
        if (done_ || answers_[index]) return;
        const std::string& method = questions_[index].method;
        const bool declined = code == rpc_code::user_rejected;
        const ErrorKind kind = declined                           ? ErrorKind::cancelled
                               : code == rpc_code::invalid_params ? ErrorKind::protocol_violation
                                                                  : ErrorKind::capability_missing;
        fail(kind, "the server needs `" + method.substr(0, 100) + "` to go on: " + why);
    }
    void fail(ErrorKind kind, std::string text) {
        if (done_) return;
        // It answered, but not the question: what it has done so far nobody knows.
        failure_ = Error(kind, std::move(text), Disposition::maybe_executed);
        finish();
    }
    void finish() {
        done_ = true;
        timer_.disarm();
        if (cancel_) cancel_->clear();
        if (waiter_) std::exchange(waiter_, {}).resume();
    }

    std::vector<InputRequest> questions_;
    std::vector<std::optional<RawJson>> answers_;
    std::size_t open_;
    std::shared_ptr<CancelSlot> cancel_;
    std::optional<Error> failure_;
    bool done_ = false;
    std::coroutine_handle<> waiter_;
    Timer timer_;
};

/// Where one answer goes, from any thread.
class Gathering::Slot final : public ServerRequestReply {
public:
    Slot(std::shared_ptr<ClientContext> context, std::weak_ptr<Gathering> gathering, std::size_t index)
        : context_(std::move(context)), gathering_(std::move(gathering)), index_(index) {}
    ~Slot() override { refuse(rpc_code::internal_error, "the client's handler did not answer"); }

    void answer(RawJson result) override {
        if (answered_.exchange(true)) return;
        context_->runtime().loop().dispatch(
            [gathering = gathering_, index = index_, result = std::move(result)]() mutable {
                if (auto open = gathering.lock()) open->take_answer(index, std::move(result));
            });
    }
    void refuse(int code, std::string message) override {
        if (answered_.exchange(true)) return;
        context_->runtime().loop().dispatch([gathering = gathering_, index = index_, code, why = std::move(message)] {
            if (auto open = gathering.lock()) open->take_refusal(index, code, why);
        });
    }

private:
    std::shared_ptr<ClientContext> context_;
    std::weak_ptr<Gathering> gathering_;
    std::size_t index_;
    std::atomic<bool> answered_{false};
};

void Gathering::ask(const std::shared_ptr<ClientContext>& context) {
    for (std::size_t i = 0; i < questions_.size() && !done_; ++i) {
        context->announce_question(questions_[i].method);
        ask_program(context, questions_[i].method, questions_[i].params,
                    std::make_shared<Slot>(context, weak_from_this(), i));
    }
}

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

}  // namespace

bool may_ask_for_input(std::string_view method) noexcept {
    return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

Task<Result<Reply>> call_with_input(std::shared_ptr<ClientContext> context, Caller& inner, Request request) {
    Loop& loop = context->runtime().loop();
    const TimePoint began = loop.now();
    const TimePoint deadline = deadline_of(*context, request.options, began);
    const std::string params = request.params;
    for (int round = 0;; ++round) {
        auto reply = co_await inner.call(request);
        if (reply.has_error()) {
            const Error error = reply.error();
            const bool pages = error.details().rpc_code == rpc_code::url_elicitation_required &&
                               context->options().offer_url_elicitation && context->options().on_elicitation;
            if (!pages) co_return error;
            auto told = co_await open_required_pages(context, error, deadline, request.cancel);
            co_return told;
        }
        if (reply->era == Era::legacy || request.options.manual_input ||
            result_type(reply->result.text()) != "input_required") {
            co_return reply;
        }
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
    }
}

}  // namespace haive::mcp
