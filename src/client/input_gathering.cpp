#include "client/input_gathering.hpp"

#include "client/server_questions.hpp"
#include "haive/mcp/protocol/error_codes.hpp"

#include <atomic>

namespace haive::mcp {

/// Where one answer goes, from any thread.
class Gathering::Slot final : public ServerRequestReply {
public:
    Slot(std::shared_ptr<ClientContext> context, std::weak_ptr<Gathering> gathering, std::size_t index)
        : context_(std::move(context)), gathering_(std::move(gathering)), index_(index) {}
    ~Slot() override { Slot::refuse(rpc_code::internal_error, "the client's handler did not answer"); }

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

Gathering::Gathering(Loop& loop, TimePoint deadline, std::vector<InputRequest> questions,
                     std::shared_ptr<CancelSlot> cancel)
    : questions_(std::move(questions)),
      answers_(questions_.size()),
      open_(questions_.size()),
      cancel_(std::move(cancel)),
      timer_(loop, [this] { fail(ErrorKind::deadline_exceeded, "the input did not come in time"); }) {
    timer_.arm(deadline);
    if (cancel_) cancel_->set([this] { fail(ErrorKind::cancelled, "cancelled by the caller"); });
}

Gathering::~Gathering() {
    if (cancel_) cancel_->clear();
}

void Gathering::ask(const std::shared_ptr<ClientContext>& context) {
    auto keep = shared_from_this();
    for (std::size_t i = 0; i < questions_.size() && !done_; ++i) {
        context->announce_question(questions_[i].method);
        ask_program(context, questions_[i].method, questions_[i].params,
                    std::make_shared<Slot>(context, weak_from_this(), i));
    }
}

std::vector<std::pair<std::string, RawJson>> Gathering::take() {
    std::vector<std::pair<std::string, RawJson>> out;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        out.emplace_back(std::move(questions_[i].key), std::move(*answers_[i]));
    }
    return out;
}

void Gathering::take_answer(std::size_t index, RawJson result) {
    if (done_ || answers_[index]) return;
    answers_[index] = std::move(result);
    if (--open_ == 0) finish();
}

void Gathering::take_refusal(std::size_t index, int code, const std::string& why) {
    if (done_ || answers_[index]) return;
    const std::string& method = questions_[index].method;
    const bool declined = code == rpc_code::user_rejected;
    const ErrorKind kind = declined                           ? ErrorKind::cancelled
                           : code == rpc_code::invalid_params ? ErrorKind::protocol_violation
                                                              : ErrorKind::capability_missing;
    fail(kind, "the server needs `" + method.substr(0, 100) + "` to go on: " + why);
}

void Gathering::fail(ErrorKind kind, std::string text) {
    if (done_) return;
    // The server answered, but not the question: what it has done so far nobody knows.
    failure_ = Error(kind, std::move(text), Disposition::maybe_executed);
    finish();
}

void Gathering::finish() {
    done_ = true;
    timer_.disarm();
    if (cancel_) cancel_->clear();
    if (waiter_) std::exchange(waiter_, {}).resume();
}

}  // namespace haive::mcp
