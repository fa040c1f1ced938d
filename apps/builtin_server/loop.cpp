#include "loop.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <sys/epoll.h>
#include <unistd.h>

namespace builtin {

Loop::Loop(Timers& timers) : timers_(timers), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::runtime_error("no epoll");
}

Loop::~Loop() { close(epoll_); }

void Loop::watch(int fd, std::uint32_t events, Handler handler) {
    handlers_[fd] = std::make_shared<Handler>(std::move(handler));
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) throw std::runtime_error("cannot watch a descriptor");
}

void Loop::change(int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void Loop::forget(int fd) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    handlers_.erase(fd);
}

void Loop::forget_all() {
    while (!handlers_.empty()) {
        const auto last = std::move(handlers_.begin()->second);
        forget(handlers_.begin()->first);
    }
}

void Loop::run(const std::function<void()>& after_each) {
    std::array<epoll_event, 64> ready{};
    while (running_) {
        after_each();
        const int n = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), timers_.wait_ms());
        if (n < 0 && errno != EINTR) throw std::runtime_error("epoll_wait failed");
        timers_.run_due();
        for (int i = 0; i < n; ++i) {
            const auto& event = ready.at(static_cast<std::size_t>(i));
            // A descriptor may be closed, and its number given anew, within one round: events are level
            // triggered, so the newcomer at worst looks once for nothing.
            const auto found = handlers_.find(event.data.fd);
            if (found == handlers_.end()) continue;
            const auto handler = found->second;
            (*handler)(event.events);
        }
    }
}

}  // namespace builtin
