#pragma once

#include "timers.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace builtin {

/// The event loop of the socket servers: descriptors by epoll(7), and the timers. One thread.
class Loop {
public:
    using Handler = std::function<void(std::uint32_t events)>;

    explicit Loop(Timers& timers);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// `events` as epoll names them. The handler may watch, change and forget, itself too.
    void watch(int fd, std::uint32_t events, Handler handler);
    void change(int fd, std::uint32_t events);
    void forget(int fd);
    /// Lets go of all handlers, and of what they own.
    void forget_all();
    /// Until stop(); `after_each` runs after each round.
    void run(const std::function<void()>& after_each);
    void stop() noexcept { running_ = false; }

private:
    Timers& timers_;
    int epoll_;
    std::map<int, std::shared_ptr<Handler>> handlers_;
    bool running_ = true;
};

}  // namespace builtin
