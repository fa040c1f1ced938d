#pragma once

#include "transport/loop/epoll_loop.hpp"

#include <memory>

namespace haive::mcp {

/// A file descriptor on the loop, which must be non-blocking. Owned: closed with this object. Loop thread only.
///
/// A wait is for one time: `ready` runs once, on the loop, when there may be something to read (or room to write), or
/// the other end is gone; the read or write that follows tells which. One wait for each of the two at a time. A wait
/// under way when the descriptor is closed is dropped without a call.
class Descriptor {
public:
    /// Throws std::system_error when the kernel cannot watch it; it is closed then.
    Descriptor(EpollLoop& loop, int fd);
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return watch_ != nullptr; }
    /// -1 when it is closed.
    [[nodiscard]] int native_handle() const noexcept { return watch_ ? watch_->fd : -1; }
    void close() noexcept;
    /// Gives it back, open and no longer watched.
    int release() noexcept;

    void wait_readable(UniqueFunction<void()> ready);
    void wait_writable(UniqueFunction<void()> ready);
    /// The last read took all there was (it came back short, or with EAGAIN): what comes from now on makes an event by
    /// itself, and the next wait needs no system call. Without this a wait asks the kernel anew, which is always right.
    void drained() noexcept {
        // Where the other end is gone too, its end is still to be read, and nothing more will be said of it.
        if (watch_ && !watch_->ended) watch_->armed = true;
    }

private:
    EpollLoop& loop_;
    std::unique_ptr<EpollLoop::Watch> watch_;
};

}  // namespace haive::mcp
