#pragma once

#include "haive/mcp/base/loop.hpp"

#include <coroutine>
#include <memory>
#include <utility>
#include <vector>

namespace haive::mcp {

/// Something happens, and whoever waits for it goes on; or its time is over. Loop thread only.
class Signal {
public:
    class Wait {
    public:
        Wait(Signal& signal, Loop& loop, TimePoint deadline) : node_(std::make_shared<Node>(loop)) {
            node_->timer.arm(deadline);
            signal.waiting_.push_back(node_);
        }
        [[nodiscard]] bool await_ready() const noexcept { return node_->over; }
        void await_suspend(std::coroutine_handle<> waiter) noexcept { node_->waiter = waiter; }
        /// False: it did not happen in time.
        [[nodiscard]] bool await_resume() const noexcept { return node_->happened; }

    private:
        friend class Signal;
        struct Node {
            explicit Node(Loop& loop) : timer(loop, [this] { end(false); }) {}
            void end(bool by_signal) {
                if (std::exchange(over, true)) return;
                happened = by_signal;
                timer.disarm();
                if (waiter) std::exchange(waiter, {}).resume();
            }
            std::coroutine_handle<> waiter;
            bool over = false;
            bool happened = false;
            Timer timer;
        };
        std::shared_ptr<Node> node_;
    };

    void raise() {
        for (auto& weak : std::exchange(waiting_, {})) {
            if (auto node = weak.lock()) node->end(true);
        }
    }

private:
    std::vector<std::weak_ptr<Wait::Node>> waiting_;
};

}  // namespace haive::mcp
