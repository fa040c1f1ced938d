#pragma once

#include "client/client_context.hpp"
#include "haive/mcp/protocol/caller.hpp"
#include "protocol/input_required.hpp"

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp {

/// The answers to the questions of one round, asked all at once. Awaited once, after `ask`; the first that cannot or
/// will not be answered ends it, and what comes later is dropped. Loop thread only.
class Gathering : public std::enable_shared_from_this<Gathering> {
public:
    Gathering(Loop& loop, TimePoint deadline, std::vector<InputRequest> questions, std::shared_ptr<CancelSlot> cancel);
    ~Gathering();
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;

    void ask(const std::shared_ptr<ClientContext>& context);

    [[nodiscard]] bool await_ready() const noexcept { return done_; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
    void await_resume() const noexcept {}

    [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
    /// Keys with bare results. Precondition: no failure.
    [[nodiscard]] std::vector<std::pair<std::string, RawJson>> take();

private:
    class Slot;

    void take_answer(std::size_t index, RawJson result);
    void take_refusal(std::size_t index, int code, const std::string& why);
    void fail(ErrorKind kind, std::string text);
    void finish();

    std::vector<InputRequest> questions_;
    std::vector<std::optional<RawJson>> answers_;
    std::size_t open_;
    std::shared_ptr<CancelSlot> cancel_;
    std::optional<Error> failure_;
    bool done_ = false;
    std::coroutine_handle<> waiter_;
    Timer timer_;
};

}  // namespace haive::mcp
