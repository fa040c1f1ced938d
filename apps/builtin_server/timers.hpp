#pragma once

#include <chrono>
#include <functional>
#include <map>

namespace builtin {

using Clock = std::chrono::steady_clock;

/// What is to be done later.
class Timers {
public:
    void after(std::chrono::milliseconds wait, std::function<void()> work) {
        due_.emplace(Clock::now() + wait, std::move(work));
    }
    /// Milliseconds until the next one, -1 for never: what poll(2) wants.
    [[nodiscard]] int wait_ms() const;
    void run_due();

private:
    std::multimap<Clock::time_point, std::function<void()>> due_;
};

}  // namespace builtin
