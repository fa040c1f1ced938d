#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/protocol/caller.hpp"

#include <coroutine>
#include <utility>

namespace haive::mcp {

/// `co_await pause` goes on at a time, or early when the call is cancelled. Loop thread only.
class Pause {
public:
    Pause(Loop& loop, TimePoint until, CancelSlot* cancel) : cancel_(cancel), timer_(loop, [this] { wake(); }) {
        timer_.arm(until);
        if (cancel_ != nullptr) cancel_->set([this] { wake(); });
    }
    ~Pause() {
        if (cancel_ != nullptr) cancel_->clear();
    }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

    [[nodiscard]] bool await_ready() const noexcept { return cancel_ != nullptr && cancel_->requested(); }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
    void await_resume() const noexcept {}

private:
    void wake() {
        timer_.disarm();
        if (waiter_) std::exchange(waiter_, {}).resume();
    }
    CancelSlot* cancel_;
    std::coroutine_handle<> waiter_;
    Timer timer_;
};

}  // namespace haive::mcp
