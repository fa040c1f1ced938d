#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/base/result.hpp"

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace haive::mcp {

namespace detail {

/// What an operation in flight and its handle share. Completed once, on the loop's thread.
template <class T>
class AsyncState {
public:
    explicit AsyncState(Loop* loop) noexcept : loop_(loop) {
        if (loop == nullptr) return;
        alive_ = loop->weak_from_this();
        may_go_ = !alive_.expired();
    }

    void complete(Result<T> result) {
        result_.emplace(std::move(result));
        if (stage_.exchange(done, std::memory_order_acq_rel) == waited_for) {
            UniqueFunction<void()> next = std::move(continuation_);
            next();
        }
    }
    /// Runs `next` once the result is there: at once if it is, else on the loop's thread.
    void when_done(UniqueFunction<void()> next) {
        continuation_ = std::move(next);
        int expected = pending;
        if (!stage_.compare_exchange_strong(expected, waited_for, std::memory_order_acq_rel)) {
            UniqueFunction<void()> now = std::move(continuation_);
            now();
        }
    }
    [[nodiscard]] bool is_done() const noexcept { return stage_.load(std::memory_order_acquire) == done; }
    [[nodiscard]] Result<T>& result() noexcept { return *result_; }
    /// Calls `use(loop)`, unless there is none, or none any more: a handle may outlive the runtime.
    template <class Use>
    void on_loop(Use use) const {
        const auto alive = alive_.lock();
        if (loop_ != nullptr && (alive || !may_go_)) use(*loop_);
    }

    /// Loop thread only: what `cancel()` does to the operation while it runs.
    UniqueFunction<void()> on_cancel;

private:
    static constexpr int pending = 0, waited_for = 1, done = 2;
    Loop* loop_;
    std::weak_ptr<Loop> alive_;
    bool may_go_ = false;  // the loop is a shared one
    std::atomic<int> stage_{pending};
    std::optional<Result<T>> result_;
    UniqueFunction<void()> continuation_;
};

}  // namespace detail

/// One operation that is already running, and its result to come.
///
/// Every asynchronous function of the library returns one, and it is used in one of three ways:
/// `co_await op` in a coroutine (throws on error; `co_await op.as_result()` does not), `op.get()` in
/// blocking code, `op.then(callback)`. Use one of them, once.
///
/// Threads: any thread may hold it. Coroutines resume and callbacks run on the loop's thread and must
/// not block it; `get()` on the loop's own thread throws std::logic_error instead of deadlocking.
/// Lifetime: dropping the handle detaches the operation, which still ends by its own deadline.
/// Cancellation: `cancel()` asks; the operation then ends with ErrorKind::cancelled and a verdict.
template <class T>
class [[nodiscard]] Async {
public:
    using State = detail::AsyncState<T>;
    explicit Async(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    /// True once the result is there; `get()` then returns at once.
    [[nodiscard]] bool is_done() const noexcept { return state_->is_done(); }

    /// Waits for the end and returns the value. Throws the documented exception on error.
    /// Not on the loop's thread.
    T get() { return wait().value(); }

    /// Waits for the end and returns value or Error. Not on the loop's thread.
    Result<T> wait() {
        if (!state_->is_done()) {
            state_->on_loop([](const Loop& loop) {
                if (!loop.on_loop_thread()) return;
                throw std::logic_error("haive::mcp: a blocking wait on the loop's own thread would never end; "
                                       "co_await the operation or give it a callback");
            });
            // Shared with the continuation: the waker may still be inside notify when we return.
            struct Signal {
                std::mutex mutex;
                std::condition_variable changed;
                bool done = false;
            };
            auto signal = std::make_shared<Signal>();
            state_->when_done([signal] {
                std::lock_guard lock(signal->mutex);
                signal->done = true;
                signal->changed.notify_one();
            });
            std::unique_lock lock(signal->mutex);
            signal->changed.wait(lock, [&] { return signal->done; });
        }
        return std::move(state_->result());
    }

    /// Calls `callback(Result<T>)` once, on the loop's thread (at once if the result is there already).
    template <class F>
    void then(F callback) {
        State* state = state_.get();
        state->when_done([keep = std::move(state_), callback = std::move(callback)]() mutable {
            auto local = std::move(keep);
            callback(std::move(local->result()));
        });
    }

    /// Asks the operation to end early. Any thread; harmless when it is over.
    void cancel() {
        if (state_->is_done()) return;
        state_->on_loop([this](Loop& loop) {
            loop.dispatch([state = state_] {
                if (!state->is_done() && state->on_cancel) {
                    UniqueFunction<void()> action = std::move(state->on_cancel);
                    action();
                }
            });
        });
    }

    class ResultAwaiter {
    public:
        explicit ResultAwaiter(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
        [[nodiscard]] bool await_ready() const noexcept { return state_->is_done(); }
        void await_suspend(std::coroutine_handle<> caller) {
            // Keep the state alive on our own stack: resuming may destroy this awaiter.
            auto keep = state_;
            keep->when_done([caller] { caller.resume(); });
        }
        Result<T> await_resume() { return std::move(state_->result()); }

    protected:
        std::shared_ptr<State> state_;
    };
    class ValueAwaiter : public ResultAwaiter {
    public:
        using ResultAwaiter::ResultAwaiter;
        T await_resume() { return ResultAwaiter::await_resume().value(); }
    };

    ValueAwaiter operator co_await() const noexcept { return ValueAwaiter(state_); }
    /// `co_await op.as_result()` gives a Result<T> instead of throwing.
    [[nodiscard]] ResultAwaiter as_result() const noexcept { return ResultAwaiter(state_); }

private:
    std::shared_ptr<State> state_;
};

}  // namespace haive::mcp
