#include "transport/loop/epoll_loop.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace haive::mcp {

namespace {

constexpr std::size_t events_at_once = 128;
constexpr int most_busy_turns = 4;  // then descriptors have their turn, however much work there is
constexpr std::uint32_t always = EPOLLIN | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t the_end = EPOLLHUP | EPOLLERR | EPOLLRDHUP;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void empty(int counter) {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const ssize_t n = read(counter, &ignored, sizeof ignored);
}

}  // namespace

EpollLoop::EpollLoop()
    : events_(events_at_once),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      alarm_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
    const auto add = [this](int& fd) {
        epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = &fd}};
        return fd >= 0 && epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
    };
    if (epoll_ >= 0 && add(wake_) && add(alarm_)) return;
    const int code = errno;
    close_all();
    errno = code;
    fail("haive::mcp: an event loop needs three descriptors");
}

void EpollLoop::close_all() const noexcept {
    for (const int fd : {epoll_, wake_, alarm_}) {
        if (fd >= 0) close(fd);
    }
}

EpollLoop::~EpollLoop() {
    // What ended us may be work that another thread is still posting: the thread has a few steps left here.
    while (posting_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
    // What was posted and never ran is destroyed, and may post more as it goes.
    for (take_posted_elsewhere(); !ready_.empty(); take_posted_elsewhere()) {
        while (!ready_.empty()) ready_.pop().reset();
    }
    close_all();
}

void EpollLoop::post(UniqueFunction<void()> work) {
    if (on_loop_thread()) {
        ready_.push(std::move(work));
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        posted_.push(std::move(work));
        posting_.fetch_add(1, std::memory_order_relaxed);  // seen by whoever takes the work from under the mutex
    }
    has_posted_.store(true);
    // The loop says that it sleeps before it looks for the last time, and we look after we have posted: one of the two
    // sees the other.
    if (sleeping_.exchange(false)) wake();
    posting_.fetch_sub(1, std::memory_order_release);  // the last that this thread touches: the work may have ended us
}

void EpollLoop::wake() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = write(wake_, &one, sizeof one);
}

Duration EpollLoop::asleep() const noexcept {
    timespec awake{};
    timespec all{};
    clock_gettime(CLOCK_MONOTONIC, &awake);
    clock_gettime(CLOCK_BOOTTIME, &all);
    return std::chrono::seconds(all.tv_sec - awake.tv_sec) + Duration(all.tv_nsec - awake.tv_nsec);
}

TimePoint EpollLoop::now() const noexcept {
    if (!on_loop_thread() || in_handler_ == 0) return std::chrono::steady_clock::now();
    if (!time_known_) {
        time_ = std::chrono::steady_clock::now();
        time_known_ = true;
    }
    return time_;
}

void EpollLoop::run() {
    adopt_this_thread();
    while (!stopped_.load(std::memory_order_relaxed)) turn();
}

void EpollLoop::stop() noexcept {
    posting_.fetch_add(1, std::memory_order_relaxed);
    stopped_ = true;
    wake();
    posting_.fetch_sub(1, std::memory_order_release);
}

void EpollLoop::turn() {
    adopt_this_thread();
    ++in_handler_;
    take_posted_elsewhere();
    const bool posted = run_posted();
    const bool fired = fire_timers();
    if (!posted && !fired) {
        wait_for_events(true);
    } else if (++busy_turns_ >= most_busy_turns) {
        wait_for_events(false);
    }
    --in_handler_;
}

void EpollLoop::take_posted_elsewhere() {
    if (!has_posted_.load(std::memory_order_acquire)) return;
    WorkQueue taken;
    {
        const std::lock_guard lock(mutex_);
        has_posted_.store(false, std::memory_order_relaxed);
        taken.swap(posted_);
    }
    while (!taken.empty()) ready_.push(taken.pop());
}

/// What is in the queue now; what that posts has the next turn.
bool EpollLoop::run_posted() {
    const std::size_t count = ready_.size();
    for (std::size_t i = 0; i < count && !ready_.empty(); ++i) {
        begin_handler();
        auto work = ready_.pop();
        work();
    }
    return count > 0;
}

bool EpollLoop::fire_timers() {
    if (timers_.next_due() == never) return false;
    begin_handler();
    const TimePoint at = now();
    if (timers_.next_due() > at) return false;
    while (timers_.fire_one(at)) {}
    return true;
}

/// The alarm stays as it is while nothing is due before it: timers come and go with every call, and the first of them
/// is seldom another one. It may ring in vain.
void EpollLoop::set_alarm() noexcept {
    const TimePoint due = timers_.next_due();
    if (due >= alarm_due_) return;
    alarm_due_ = due;
    const auto since = std::max(due.time_since_epoch(), Duration(1));  // zero would disarm it
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    const itimerspec at{.it_interval = {},
                        .it_value = {.tv_sec = seconds.count(), .tv_nsec = (since - seconds).count()}};
    timerfd_settime(alarm_, TFD_TIMER_ABSTIME, &at, nullptr);
}

int EpollLoop::collect(bool may_sleep) noexcept {
    if (may_sleep) {
        set_alarm();
        sleeping_.store(true);
        if (has_posted_.load() || stopped_.load()) may_sleep = false;
    }
    const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), may_sleep ? -1 : 0);
    sleeping_.store(false, std::memory_order_relaxed);
    return std::max(count, 0);
}

void EpollLoop::wait_for_events(bool may_sleep) {
    busy_turns_ = 0;
    // A handler that turns the loop itself has the rest of its own batch first: nobody will be told of it again.
    if (next_event_ == event_count_) {
        next_event_ = 0;
        event_count_ = collect(may_sleep);
    }
    ++batches_;
    while (next_event_ < event_count_) {
        const epoll_event event = events_[static_cast<std::size_t>(next_event_++)];
        if (event.data.ptr == &wake_) {
            empty(wake_);
        } else if (event.data.ptr == &alarm_) {
            empty(alarm_);
            alarm_due_ = never;
        } else {
            dispatch(*static_cast<Watch*>(event.data.ptr), event.events);
        }
    }
    if (--batches_ == 0) forgotten_.clear();
}

void EpollLoop::dispatch(Watch& watch, std::uint32_t events) {
    if (watch.fd < 0) return;  // closed by a handler of this batch
    if ((events & the_end) != 0) watch.ended = true;
    if ((events & (EPOLLIN | the_end)) != 0) {
        watch.armed = false;
        if (watch.on_readable) {
            begin_handler();
            auto ready = std::move(watch.on_readable);
            ready();
        }
    }
    if (watch.fd >= 0 && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0 && watch.on_writable) {
        begin_handler();
        auto ready = std::move(watch.on_writable);
        change(watch, always);
        ready();
    }
}

std::unique_ptr<EpollLoop::Watch> EpollLoop::watch(int fd) {
    auto out = std::make_unique<Watch>();
    out->fd = fd;
    out->interest = always;
    epoll_event event{.events = out->interest, .data = {.ptr = out.get()}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("haive::mcp: a descriptor cannot be watched");
    return out;
}

/// Also asks anew: what can be read or written already makes an event.
void EpollLoop::change(Watch& watch, std::uint32_t interest) noexcept {
    watch.interest = interest;
    watch.armed = true;
    epoll_event event{.events = interest, .data = {.ptr = &watch}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, watch.fd, &event);
}

void EpollLoop::forget(std::unique_ptr<Watch> watch) noexcept {
    // By hand, not by closing: where the descriptor has a duplicate, closing it would leave it in the set.
    epoll_ctl(epoll_, EPOLL_CTL_DEL, watch->fd, nullptr);
    watch->fd = -1;
    watch->on_readable.reset();
    watch->on_writable.reset();
    if (batches_ > 0) forgotten_.push_back(std::move(watch));
}

}  // namespace haive::mcp
