#include "transport/loop/epoll_loop.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace haive::mcp {

namespace {

constexpr int events_at_once = 128;
constexpr int most_busy_turns = 4;  // then descriptors have their turn, however much work there is
constexpr std::uint32_t always = EPOLLIN | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t the_end = EPOLLHUP | EPOLLERR | EPOLLRDHUP;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

timespec to_timespec(Duration duration) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace

EpollLoop::EpollLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
    if (epoll_ >= 0 && wake_ >= 0 && epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0) return;
    const int code = errno;
    if (epoll_ >= 0) close(epoll_);
    if (wake_ >= 0) close(wake_);
    errno = code;
    fail("haive::mcp: an event loop needs two descriptors");
}

EpollLoop::~EpollLoop() {
    // What was posted and never ran is destroyed, and may post more as it goes.
    for (take_posted_elsewhere(); !ready_.empty(); take_posted_elsewhere()) {
        while (!ready_.empty()) ready_.pop().reset();
    }
    close(wake_);
    close(epoll_);
}

void EpollLoop::post(UniqueFunction<void()> work) {
    if (on_loop_thread()) {
        ready_.push(std::move(work));
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        posted_.push(std::move(work));
    }
    has_posted_.store(true);
    // The loop says that it sleeps before it looks for the last time, and we look after we have posted: one of the two
    // sees the other.
    if (sleeping_.exchange(false)) wake();
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
    stopped_ = true;
    wake();
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

int EpollLoop::collect(epoll_event* events, bool may_sleep) noexcept {
    if (may_sleep) {
        sleeping_.store(true);
        if (has_posted_.load() || stopped_.load()) may_sleep = false;
    }
    Duration longest = Duration::zero();
    const TimePoint due = timers_.next_due();
    if (may_sleep && due != never) longest = std::max(Duration::zero(), due - std::chrono::steady_clock::now());
    int count = -1;
    if (!may_sleep || due == never || longest == Duration::zero()) {
        count = epoll_wait(epoll_, events, events_at_once, may_sleep && due == never ? -1 : 0);
    } else {
        if (exact_sleep_) {
            const timespec limit = to_timespec(longest);
            count = epoll_pwait2(epoll_, events, events_at_once, &limit, nullptr);
            exact_sleep_ = count >= 0 || errno != ENOSYS;
        }
        if (!exact_sleep_) {  // before Linux 5.11: whole milliseconds, not early
            const auto ms =
                std::chrono::ceil<std::chrono::milliseconds>(std::min<Duration>(longest, std::chrono::hours(1)));
            count = epoll_wait(epoll_, events, events_at_once, static_cast<int>(ms.count()));
        }
    }
    sleeping_.store(false, std::memory_order_relaxed);
    return std::max(count, 0);
}

void EpollLoop::wait_for_events(bool may_sleep) {
    std::array<epoll_event, events_at_once> events;  // only what is collected is read
    busy_turns_ = 0;
    const int count = collect(events.data(), may_sleep);
    ++batches_;
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.ptr == nullptr) {
            std::uint64_t ignored = 0;
            [[maybe_unused]] const ssize_t n = read(wake_, &ignored, sizeof ignored);
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
    if (watch.fd >= 0 && (events & (EPOLLOUT | the_end)) != 0 && watch.on_writable) {
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
