#pragma once

#include "base/timer_queue.hpp"
#include "haive/mcp/base/loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <thread>

namespace haive::mcp {

/// The loop of real programs: one io_context, one operating system timer for all of ours.
class AsioLoop final : public Loop {
public:
    AsioLoop();
    ~AsioLoop() override;

    void post(UniqueFunction<void()> work) override;
    [[nodiscard]] bool on_loop_thread() const noexcept override {
        return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
    }
    /// The same for the whole of one handler: a call asks ten times, and asking costs.
    [[nodiscard]] TimePoint now() const noexcept override;
    [[nodiscard]] Duration asleep() const noexcept override;

    [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }
    /// Makes the calling thread the loop's, before it first turns. Until then the loop has none and
    /// everything is posted.
    void adopt_this_thread() noexcept { thread_.store(std::this_thread::get_id(), std::memory_order_relaxed); }
    /// Runs until `stop`, on the calling thread, which becomes the loop's thread.
    void run();
    /// Waits for one piece of work and runs what is ready with it. The calling thread becomes the loop's.
    void turn();
    void stop();

private:
    void arm_timer(Timer& timer, TimePoint due) override;
    void disarm_timer(Timer& timer) noexcept override { timers_.disarm(timer); }
    bool run_handler(bool wait);
    void set_os_timer();
    void on_os_timer();

    // Timers outlive the context's handlers: declared first, destroyed last.
    TimerQueue timers_;
    TimePoint os_timer_due_ = never;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>
        os_timer_;
    std::atomic<std::thread::id> thread_{};
    // Loop thread only.
    bool in_handler_ = false;
    mutable bool time_known_ = false;
    mutable TimePoint time_{};
};

}  // namespace haive::mcp
