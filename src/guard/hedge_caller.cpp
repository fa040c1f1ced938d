#include "guard/hedge_caller.hpp"

#include "connection/retry_plan.hpp"

#include <array>
#include <coroutine>
#include <memory>
#include <optional>
#include <utility>

namespace haive::mcp {

/// Two lanes, one finish. Awaited once, by the call.
struct HedgeCaller::Race {
    std::array<std::shared_ptr<CancelSlot>, 2> slots{std::make_shared<CancelSlot>(), std::make_shared<CancelSlot>()};
    std::optional<Result<Reply>> result;
    std::coroutine_handle<> waiter;
    int running = 0;
    int winner = 0;

    [[nodiscard]] bool await_ready() const noexcept { return result.has_value(); }
    void await_suspend(std::coroutine_handle<> who) noexcept { waiter = who; }
    Result<Reply> await_resume() { return std::move(*result); }

    void end(int lane, Result<Reply> outcome) {
        --running;
        if (result) return;
        // The first failure waits for the other lane, which may do better.
        if (outcome.has_error() && running > 0) return;
        result.emplace(std::move(outcome));
        winner = lane;
        auto other = slots[static_cast<std::size_t>(1 - lane)];
        if (running > 0) other->request();
        if (waiter) std::exchange(waiter, {}).resume();
    }
};

detail::Detached HedgeCaller::run(std::shared_ptr<Race> race, Caller& inner, Request request, int lane) {
    request.cancel = race->slots[static_cast<std::size_t>(lane)];
    auto reply = co_await inner.call(std::move(request));
    race->end(lane, std::move(reply));
}

Task<Result<Reply>> HedgeCaller::call(Request request) {
    const bool may_repeat = !request.carries_input && !request.options.on_progress &&
                            retry_class(request.method, RetryTraits()) == RetryClass::protocol_read;
    const auto delay = may_repeat ? plan_.delay() : std::nullopt;
    const TimePoint began = loop_.now();
    if (delay) {
        auto reply = co_await race(std::move(request), *delay);
        if (reply) plan_.answered(loop_.now() - began);
        co_return reply;
    }
    auto reply = co_await inner_.call(std::move(request));
    if (reply && may_repeat) plan_.answered(loop_.now() - began);
    co_return reply;
}

Task<Result<Reply>> HedgeCaller::race(Request request, Duration delay) {
    const std::shared_ptr<CancelSlot> callers = request.cancel;
    if (callers && callers->requested()) {
        co_return Error(ErrorKind::cancelled, "cancelled by the caller before it was sent");
    }
    auto race = std::make_shared<Race>();
    if (callers) {
        callers->set([race] {
            for (const auto& slot : race->slots) slot->request();
        });
    }
    Timer second(loop_, [this, race, request] {
        if (race->result || !plan_.spend()) return;
        ++hedged_;
        ++race->running;
        run(race, inner_, request, 1);
    });
    second.arm(saturating_add(loop_.now(), delay));
    ++race->running;
    run(race, inner_, std::move(request), 0);
    Result<Reply> outcome = co_await *race;
    if (callers) callers->clear();
    if (race->winner == 1) ++won_;
    co_return outcome;
}

}  // namespace haive::mcp
