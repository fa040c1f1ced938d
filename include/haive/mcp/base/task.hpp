#pragma once

#include "haive/mcp/base/async.hpp"
#include "haive/mcp/base/frame_pool.hpp"

#include <exception>
#include <variant>

namespace haive::mcp {

template <class T = void>
class Task;

namespace detail {

class TaskPromiseBase : public PooledFrame {
public:
    struct FinalAwaiter {
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) noexcept {
            return ended.promise().next_;
        }
        void await_resume() const noexcept {}
    };
    std::suspend_always initial_suspend() noexcept { return {}; }
    FinalAwaiter final_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { thrown_ = std::current_exception(); }
    void rethrow() const {
        if (thrown_) std::rethrow_exception(thrown_);
    }

    std::coroutine_handle<> next_ = std::noop_coroutine();
    std::exception_ptr thrown_;
};

template <class T>
class TaskPromise : public TaskPromiseBase {
public:
    Task<T> get_return_object() noexcept;
    template <class U>
    void return_value(U&& value) {
        value_.emplace(std::forward<U>(value));
    }
    T take() {
        rethrow();
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
public:
    Task<void> get_return_object() noexcept;
    void return_void() noexcept {}
    void take() { rethrow(); }
};

}  // namespace detail

/// A coroutine that returns T. It starts when it is awaited (or given to `start`), and runs on the
/// thread that resumes it: for everything of this library, the loop's thread.
///
/// Move-only, awaited once. Write `auto x = co_await f(args);` with arguments named first: that form is
/// safe with every compiler (docs/guide/coroutines.md lists what g++ 12 gets wrong).
template <class T>
class [[nodiscard]] Task {
public:
    using promise_type = detail::TaskPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    explicit Task(Handle handle) noexcept : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    class Awaiter {
    public:
        explicit Awaiter(Handle handle) noexcept : handle_(handle) {}
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
            handle_.promise().next_ = caller;
            return handle_;
        }
        T await_resume() { return handle_.promise().take(); }

    private:
        Handle handle_;
    };
    Awaiter operator co_await() const noexcept { return Awaiter(handle_); }

private:
    Handle handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
    return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
    return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

/// A coroutine that nobody awaits and that owns itself.
struct Detached {
    struct promise_type : PooledFrame {
        Detached get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

template <class T>
Detached run_into(Task<Result<T>> task, std::shared_ptr<AsyncState<T>> state) {
    Result<T> result = co_await task;
    state->on_cancel.reset();
    state->complete(std::move(result));
}

/// `task`, and what it stands on until it has ended. A task that is posted begins later than it is made, and what
/// would keep its object from then on is in the task itself.
template <class T>
Task<Result<T>> owned(std::shared_ptr<const void> /*owner*/, Task<Result<T>> task) {
    auto result = co_await task;
    co_return result;
}

}  // namespace detail

/// Starts `task` on `loop` (at once when called there) and returns its handle.
/// The task reports failure as a Result; for coroutines that throw, see `spawn`.
template <class T>
Async<T> start(Loop& loop, Task<Result<T>> task) {
    auto state = std::make_shared<detail::AsyncState<T>>(&loop);
    if (loop.on_loop_thread()) {
        detail::run_into<T>(std::move(task), state);
    } else {
        loop.post(
            [task = std::move(task), state]() mutable { detail::run_into<T>(std::move(task), std::move(state)); });
    }
    return Async<T>(std::move(state));
}

}  // namespace haive::mcp
