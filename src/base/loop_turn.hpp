#pragma once

#include "haive/mcp/base/loop.hpp"

#include <coroutine>

namespace haive::mcp {

/// `co_await turn` goes on from the loop's queue: on a fresh stack, after what is running now.
class LoopTurn {
public:
    explicit LoopTurn(Loop& loop) noexcept : loop_(loop) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        loop_.post([waiter] { waiter.resume(); });
    }
    void await_resume() const noexcept {}

private:
    Loop& loop_;
};

}  // namespace haive::mcp
