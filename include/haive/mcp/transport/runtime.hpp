#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/base/random.hpp"
#include "haive/mcp/base/task.hpp"
#include "haive/mcp/observe/call_observer.hpp"
#include "haive/mcp/observe/event.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace haive::mcp {

struct HttpResources;
class Metrics;
class ProcessSpawner;
struct StreamResources;

/// The parts a runtime is made of; whatever is left empty gets the real one.
struct RuntimeParts {
    RuntimeParts() = default;
    std::shared_ptr<Loop> loop;
    std::unique_ptr<Random> random;
    std::shared_ptr<ProcessSpawner> spawner;
    std::shared_ptr<EventSink> events;
    std::shared_ptr<Metrics> metrics;     ///< where connections count and measure; empty: they do not
    std::shared_ptr<CallObserver> calls;  ///< who is told of every call's end; empty: nobody
    /// How a loop of your own is turned once; only with `loop`.
    std::function<void()> turn;
};

/// Everything that connections share: the loop, the clock (the loop's), randomness, the process spawner
/// and the sink of events. Nothing else in the library is shared and nothing is global, except the one
/// default runtime that the short constructors use.
///
/// Three ways to run it:
///   - `Runtime::shared()`: one thread, started at first use; at exit it is stopped and joined, unless a connection
///     that was let go a moment before is still closing on it;
///   - `Runtime::threaded()`: the same, but yours;
///   - `Runtime::manual()`: no thread; `run(operation)` turns the loop on the calling thread.
/// Lifetime: connections keep the runtime alive. Threads: all functions from any thread, except `run`.
class Runtime : public std::enable_shared_from_this<Runtime> {
public:
    static std::shared_ptr<Runtime> shared();
    static std::shared_ptr<Runtime> threaded(RuntimeParts parts = RuntimeParts());
    static std::shared_ptr<Runtime> manual(RuntimeParts parts = RuntimeParts());
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    [[nodiscard]] Loop& loop() noexcept { return *loop_; }
    [[nodiscard]] Random& random() noexcept { return *random_; }
    [[nodiscard]] ProcessSpawner& spawner();
    /// Buffers and parsers that all byte-stream channels of the loop share. For transports.
    [[nodiscard]] StreamResources& stream_resources() noexcept { return *stream_resources_; }
    /// What all HTTP of the loop shares, made at first use. For transports, on the loop's thread; throws
    /// std::logic_error when the loop is not the library's own.
    [[nodiscard]] HttpResources& http_resources();

    /// Where events go from now on; nullptr for nowhere. Any thread.
    void set_event_sink(std::shared_ptr<EventSink> sink);
    /// Hands an event to the sink. Loop thread.
    void emit(const Event& event) noexcept;

    /// Locked while a listener of the program's runs on the loop's thread.
    [[nodiscard]] std::unique_lock<std::recursive_mutex> listening();
    /// Returns when no listener runs that ran before; at once on the loop's own thread. Any thread.
    void await_listeners();

    /// The registry of metrics, or nullptr: nothing is measured. Any thread; never changes.
    [[nodiscard]] const std::shared_ptr<Metrics>& metrics() const noexcept { return metrics_; }
    /// Who is told of calls, or nullptr. Any thread; never changes.
    [[nodiscard]] const std::shared_ptr<CallObserver>& call_observer() const noexcept { return calls_; }

    /// Starts a coroutine on the loop: `auto op = runtime->spawn(my_coroutine());`. An exception that
    /// leaves the coroutine comes out of `get()`. An MCPError keeps its Error; any other becomes an
    /// ErrorKind::encode_error with its text.
    template <class T>
    Async<T> spawn(Task<T> task);
    /// Turns a manual runtime's loop on this thread until `operation` is done, and returns its value.
    /// On a threaded runtime it just waits.
    template <class T>
    T run(Async<T> operation) {
        if (turns_by_hand()) turn_while([&operation] { return !operation.is_done(); });
        return operation.get();
    }
    template <class T>
    T run(Task<T> task) {
        return run(spawn(std::move(task)));
    }
    /// One turn of a manual loop: waits for work, a timer or I/O, and runs what is ready.
    void turn();
    [[nodiscard]] bool turns_by_hand() const noexcept;

private:
    struct Impl;
    void turn_while(const std::function<bool()>& wanted);
    Runtime(RuntimeParts parts, bool own_thread);

    std::unique_ptr<Impl> impl_;
    std::shared_ptr<Loop> loop_;
    std::unique_ptr<Random> random_;
    const std::shared_ptr<Metrics> metrics_;
    const std::shared_ptr<CallObserver> calls_;
    std::shared_ptr<ProcessSpawner> spawner_;
    std::unique_ptr<StreamResources> stream_resources_;
    std::unique_ptr<HttpResources> http_resources_;
};

namespace detail {
/// Turns what a user's coroutine threw into a value.
Error error_from_exception(std::exception_ptr thrown);

template <class T>
Task<Result<T>> catching(Task<T> task) {
    std::exception_ptr thrown;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await task;
            co_return Result<void>();
        } else {
            auto value = co_await task;
            co_return Result<T>(std::move(value));
        }
    } catch (...) {
        thrown = std::current_exception();
    }
    Error error = error_from_exception(thrown);
    co_return Result<T>(std::move(error));
}
}  // namespace detail

template <class T>
Async<T> Runtime::spawn(Task<T> task) {
    return start<T>(*loop_, detail::catching<T>(std::move(task)));
}

}  // namespace haive::mcp
