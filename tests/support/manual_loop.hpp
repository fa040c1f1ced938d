#pragma once

#include "base/timer_queue.hpp"
#include "haive/mcp/transport/runtime.hpp"

#include <deque>
#include <memory>

namespace haive::mcp::testing {

/// A loop whose time is moved by hand. Single-threaded: the test's thread is the loop's thread.
class ManualLoop final : public Loop {
public:
    void post(UniqueFunction<void()> work) override { ready_.push_back(std::move(work)); }
    [[nodiscard]] bool on_loop_thread() const noexcept override { return true; }
    [[nodiscard]] TimePoint now() const noexcept override { return now_; }

    /// Runs everything that is ready; no time passes.
    void settle() {
        while (!ready_.empty() || timers_.next_due() <= now_) {
            if (!run_one()) break;
        }
    }
    /// Lets `d` pass, firing what becomes due on the way at its own moment.
    void advance(Duration d) {
        const TimePoint end = now_ + d;
        settle();
        while (timers_.next_due() <= end) {
            now_ = std::max(now_, timers_.next_due());
            settle();
        }
        now_ = end;
        settle();
    }
    /// Runs one piece of work, letting time pass to the next timer if nothing is ready.
    bool step() {
        if (run_one()) return true;
        if (timers_.next_due() == never) return false;
        now_ = std::max(now_, timers_.next_due());
        return run_one();
    }
    /// Time passes at once, and nothing runs meanwhile: the process or the machine slept.
    void freeze(Duration d) { now_ += d; }
    [[nodiscard]] std::size_t timers() const noexcept { return timers_.size(); }
    [[nodiscard]] std::size_t ready() const noexcept { return ready_.size(); }

private:
    bool run_one() {
        if (!ready_.empty()) {
            auto work = std::move(ready_.front());
            ready_.pop_front();
            work();
            return true;
        }
        return timers_.fire_one(now_);
    }
    void arm_timer(Timer& timer, TimePoint due) override { timers_.arm(timer, due); }
    void disarm_timer(Timer& timer) noexcept override { timers_.disarm(timer); }

    TimerQueue timers_;
    std::deque<UniqueFunction<void()>> ready_;
    TimePoint now_{std::chrono::hours(1000)};
};

/// A runtime on moved time; `run(op)` steps through virtual time until the operation ends.
struct ManualRuntime {
    explicit ManualRuntime(std::uint64_t seed = 1, std::shared_ptr<EventSink> sink = nullptr,
                           std::shared_ptr<Metrics> metrics = nullptr, std::shared_ptr<CallObserver> calls = nullptr)
        : loop(std::make_shared<ManualLoop>()) {
        RuntimeParts parts;
        parts.loop = loop;
        parts.random = std::make_unique<SplitMix>(seed);
        parts.events = std::move(sink);
        parts.metrics = std::move(metrics);
        parts.calls = std::move(calls);
        parts.turn = [loop = loop] { loop->step(); };
        runtime = Runtime::manual(std::move(parts));
    }
    std::shared_ptr<ManualLoop> loop;
    std::shared_ptr<Runtime> runtime;
};

}  // namespace haive::mcp::testing
