#include "transport/asio/asio_loop.hpp"

#include <boost/asio/post.hpp>

#include <ctime>

namespace haive::mcp {

namespace {
constexpr int ready_per_turn = 64;
}  // namespace

AsioLoop::AsioLoop() : work_(boost::asio::make_work_guard(context_)), os_timer_(context_) {}

AsioLoop::~AsioLoop() = default;

void AsioLoop::post(UniqueFunction<void()> work) { boost::asio::post(context_, std::move(work)); }

Duration AsioLoop::asleep() const noexcept {
    timespec awake{};
    timespec all{};
    clock_gettime(CLOCK_MONOTONIC, &awake);
    clock_gettime(CLOCK_BOOTTIME, &all);
    return std::chrono::seconds(all.tv_sec - awake.tv_sec) + Duration(all.tv_nsec - awake.tv_nsec);
}

TimePoint AsioLoop::now() const noexcept {
    if (!on_loop_thread() || !in_handler_) return std::chrono::steady_clock::now();
    if (!time_known_) {
        time_ = std::chrono::steady_clock::now();
        time_known_ = true;
    }
    return time_;
}

/// One handler; false when there was none.
bool AsioLoop::run_handler(bool wait) {
    time_known_ = false;
    in_handler_ = true;
    const bool ran = (wait ? context_.run_one() : context_.poll_one()) > 0;
    in_handler_ = false;
    return ran;
}

void AsioLoop::run() {
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    while (run_handler(true)) {}
}

void AsioLoop::turn() {
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    if (context_.stopped()) context_.restart();
    if (!run_handler(true)) return;
    for (int i = 0; i < ready_per_turn && run_handler(false); ++i) {}
}

void AsioLoop::stop() {
    work_.reset();
    context_.stop();
}

void AsioLoop::arm_timer(Timer& timer, TimePoint due) {
    timers_.arm(timer, due);
    // Setting the operating system's timer costs a system call: only when ours comes first, and a
    // disarmed one is left to fire in vain.
    if (timers_.next_due() < os_timer_due_) set_os_timer();
}

void AsioLoop::set_os_timer() {
    os_timer_due_ = timers_.next_due();
    if (os_timer_due_ == never) return;
    os_timer_.expires_at(os_timer_due_);
    os_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) on_os_timer();
    });
}

void AsioLoop::on_os_timer() {
    os_timer_due_ = never;
    const TimePoint at = now();
    while (timers_.fire_one(at)) {}
    set_os_timer();
}

}  // namespace haive::mcp
