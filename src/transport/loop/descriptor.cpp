#include "transport/loop/descriptor.hpp"

#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>

namespace haive::mcp {

Descriptor::Descriptor(EpollLoop& loop, int fd) : loop_(loop) {
    try {
        watch_ = loop.watch(fd);
    } catch (const std::system_error&) {
        ::close(fd);
        throw;
    }
}

void Descriptor::close() noexcept {
    const int fd = release();
    if (fd >= 0) ::close(fd);
}

int Descriptor::release() noexcept {
    const int fd = native_handle();
    if (watch_) loop_.forget(std::move(watch_));
    return fd;
}

void Descriptor::wait_readable(UniqueFunction<void()> ready) {
    if (!watch_) return;
    watch_->on_readable = std::move(ready);
    if (!watch_->armed) loop_.change(*watch_, watch_->interest);
}

void Descriptor::wait_writable(UniqueFunction<void()> ready) {
    if (!watch_) return;
    watch_->on_writable = std::move(ready);
    loop_.change(*watch_, watch_->interest | EPOLLOUT);
}

}  // namespace haive::mcp
