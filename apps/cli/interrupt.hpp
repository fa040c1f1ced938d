#pragma once

#include "haive/mcp/base/async.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace haive::mcp::cli {

/// Ctrl-C, SIGTERM and SIGHUP as something to wait for: the first ends what is being waited for, in order;
/// the second ends the program at once. Construct it before any other thread is started.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    [[nodiscard]] bool requested();
    /// What SIGUSR1 does from now on; it runs on the watcher's thread and must not throw. Empty: nothing.
    void on_user_signal(std::function<void()> action);
    /// Waits for an operation; an interrupt cancels it.
    template <class T>
    Result<T> wait(Async<T> operation) {
        Scope scope(*this, [&operation] { operation.cancel(); });
        return operation.wait();
    }
    /// Sleeps until `until`, or nullopt for ever. False when it was interrupted.
    bool sleep_until(std::optional<std::chrono::steady_clock::time_point> until);

private:
    class Scope {
    public:
        Scope(Interrupt& owner, std::function<void()> action);
        ~Scope();

    private:
        Interrupt& owner_;
    };
    void watch();

    std::mutex mutex_;
    std::condition_variable changed_;
    bool requested_ = false;
    bool over_ = false;
    std::function<void()> action_;
    std::function<void()> user_action_;
    std::thread thread_;
};

}  // namespace haive::mcp::cli
