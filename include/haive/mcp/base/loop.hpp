#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/base/unique_function.hpp"

#include <cstddef>
#include <limits>
#include <memory>

namespace haive::mcp {

class Loop;

/// One timer, owned by the object whose time it keeps. Destroying it disarms it.
/// Loop thread only. The callback runs on the loop's thread and may re-arm or destroy the timer.
class Timer {
public:
    Timer(Loop& loop, UniqueFunction<void()> on_fire) : loop_(&loop), on_fire_(std::move(on_fire)) {}
    ~Timer() {
        disarm();
        if (alive_ != nullptr) *alive_ = nullptr;
    }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Fires at `due` or as soon after it as the loop turns; re-arming moves it. `never` disarms.
    void arm(TimePoint due);
    void disarm() noexcept;
    [[nodiscard]] bool armed() const noexcept { return index_ != not_queued; }
    [[nodiscard]] TimePoint due() const noexcept { return due_; }

private:
    friend class TimerQueue;
    static constexpr std::size_t not_queued = std::numeric_limits<std::size_t>::max();

    Loop* loop_;
    UniqueFunction<void()> on_fire_;
    TimePoint due_ = never;
    std::size_t index_ = not_queued;
    Timer** alive_ = nullptr;  // set while the callback runs: tells the queue that the timer is gone
};

/// The one thread-like thing that everything runs on: a queue of work, a clock and timers.
///
/// The library has no threads of its own. A runtime gives it a loop (an epoll one in programs, a
/// hand-moved one in tests), and every object of the library belongs to one loop.
class Loop : public std::enable_shared_from_this<Loop> {
public:
    virtual ~Loop() = default;

    /// Runs `work` on the loop's thread, later, in order. Any thread. The work may be what ends the loop's life, before
    /// this returns: an implementation waits for that, or touches nothing of itself once the work can run.
    virtual void post(UniqueFunction<void()> work) = 0;
    [[nodiscard]] virtual bool on_loop_thread() const noexcept = 0;
    [[nodiscard]] virtual TimePoint now() const noexcept = 0;
    /// How long the host has been suspended since it was booted: its growth tells that it slept.
    [[nodiscard]] virtual Duration asleep() const noexcept { return Duration::zero(); }

    /// Runs now when called on the loop's thread, else posts. Any thread.
    void dispatch(UniqueFunction<void()> work) {
        if (on_loop_thread()) {
            work();
        } else {
            post(std::move(work));
        }
    }

protected:
    friend class Timer;
    virtual void arm_timer(Timer& timer, TimePoint due) = 0;
    virtual void disarm_timer(Timer& timer) noexcept = 0;
};

inline void Timer::arm(TimePoint due) { loop_->arm_timer(*this, due); }
inline void Timer::disarm() noexcept {
    if (armed()) loop_->disarm_timer(*this);
}

}  // namespace haive::mcp
