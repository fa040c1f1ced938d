#pragma once

#include "base/timer_queue.hpp"
#include "haive/mcp/base/loop.hpp"
#include "transport/loop/work_queue.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <sys/epoll.h>
#include <thread>
#include <vector>

namespace haive::mcp {

/// The loop of real programs: one epoll set, a queue of work, and our own timers
/// (docs/decisions/0009-event-loop.md says why it is not somebody else's).
class EpollLoop final : public Loop {
public:
    /// Throws std::system_error when the process has no descriptor left.
    EpollLoop();
    ~EpollLoop() override;
    EpollLoop(const EpollLoop&) = delete;
    EpollLoop& operator=(const EpollLoop&) = delete;

    void post(UniqueFunction<void()> work) override;
    [[nodiscard]] bool on_loop_thread() const noexcept override {
        return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
    }
    /// The same for the whole of one handler: a call asks ten times, and asking costs.
    [[nodiscard]] TimePoint now() const noexcept override;
    [[nodiscard]] Duration asleep() const noexcept override;

    /// Makes the calling thread the loop's, before it first turns. Until then the loop has none and
    /// everything is posted.
    void adopt_this_thread() noexcept { thread_.store(std::this_thread::get_id(), std::memory_order_relaxed); }
    /// Runs until `stop`, on the calling thread, which becomes the loop's thread.
    void run();
    /// Runs what is ready; when nothing is, waits for something first. The calling thread becomes the loop's.
    void turn();
    /// Any thread.
    void stop() noexcept;

private:
    friend class Descriptor;

    /// What the epoll set knows of one descriptor. Lives until no event of the present batch can name it.
    struct Watch {
        int fd = -1;                 ///< -1: closed
        std::uint32_t interest = 0;  ///< what the set was told
        bool armed = true;           ///< what comes to be read makes an event of its own
        bool ended = false;          ///< the other end is gone, or half of it
        UniqueFunction<void()> on_readable;
        UniqueFunction<void()> on_writable;
    };

    std::unique_ptr<Watch> watch(int fd);
    void change(Watch& watch, std::uint32_t interest) noexcept;
    /// Out of the set; the memory goes when the batch that may still name it is over.
    void forget(std::unique_ptr<Watch> watch) noexcept;

    void arm_timer(Timer& timer, TimePoint due) override { timers_.arm(timer, due); }
    void disarm_timer(Timer& timer) noexcept override { timers_.disarm(timer); }
    bool run_posted();
    bool fire_timers();
    void take_posted_elsewhere();
    void wait_for_events(bool may_sleep);
    int collect(bool may_sleep) noexcept;
    void dispatch(Watch& watch, std::uint32_t events);
    void set_alarm() noexcept;
    void close_all() const noexcept;
    void begin_handler() const noexcept { time_known_ = false; }
    void wake() const noexcept;

    // Timers outlive all work: declared first, destroyed last.
    TimerQueue timers_;
    WorkQueue ready_;                    // loop thread only
    std::vector<::epoll_event> events_;  // of the last look; from next_event_ to event_count_ they are still to be told
    int next_event_ = 0;
    int event_count_ = 0;
    int epoll_ = -1;
    int wake_ = -1;   // an eventfd: another thread has posted while the loop slept
    int alarm_ = -1;  // a timerfd
    std::atomic<std::thread::id> thread_{};
    std::atomic<bool> stopped_{false};

    std::mutex mutex_;
    WorkQueue posted_;  // by other threads; under the mutex
    std::atomic<bool> has_posted_{false};
    std::atomic<bool> sleeping_{false};
    std::atomic<int> posting_{0};  // threads that are not out of `post` or `stop` yet

    // Loop thread only.
    std::vector<std::unique_ptr<Watch>> forgotten_;
    int batches_ = 0;     // being dispatched: a handler may turn the loop itself
    int busy_turns_ = 0;  // since the set was last asked
    TimePoint alarm_due_ = never;
    int in_handler_ = 0;
    mutable bool time_known_ = false;
    mutable TimePoint time_{};
};

}  // namespace haive::mcp
