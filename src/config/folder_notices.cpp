#include "config/folder_notices.hpp"

#include "transport/loop/descriptor.hpp"
#include "transport/loop/epoll_loop.hpp"

#include <array>
#include <cstddef>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

namespace haive::mcp {

namespace {

/// Reads notices for as long as the owner lives; a wait may outlive it, so they hold this by a share.
class Reader : public std::enable_shared_from_this<Reader> {
public:
    Reader(EpollLoop& loop, int fd, std::function<void()> on_change)
        : notices_(loop, fd), on_change_(std::move(on_change)) {}

    void read() {
        notices_.wait_readable([self = shared_from_this()] {
            // What the notices say does not matter: any means look.
            while (::read(self->notices_.native_handle(), self->buffer_.data(), self->buffer_.size()) > 0) {}
            if (!self->on_change_) return;
            const auto on_change = self->on_change_;  // it may end us
            on_change();
            if (self->on_change_) self->read();
        });
    }
    void stop() {
        on_change_ = nullptr;
        notices_.close();
    }

private:
    Descriptor notices_;
    std::function<void()> on_change_;
    std::array<char, 4096> buffer_{};
};

class InotifyNotices final : public FolderNotices {
public:
    explicit InotifyNotices(std::shared_ptr<Reader> reader) : reader_(std::move(reader)) { reader_->read(); }
    ~InotifyNotices() override { reader_->stop(); }

private:
    std::shared_ptr<Reader> reader_;
};

}  // namespace

std::unique_ptr<FolderNotices> watch_folder(Loop& loop, const std::string& folder, std::function<void()> on_change) {
    auto* epoll = dynamic_cast<EpollLoop*>(&loop);
    if (epoll == nullptr) return nullptr;
    const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) return nullptr;
    constexpr std::uint32_t changes =
        IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ATTRIB;
    if (inotify_add_watch(fd, folder.c_str(), changes) < 0) {
        close(fd);
        return nullptr;
    }
    return std::make_unique<InotifyNotices>(std::make_shared<Reader>(*epoll, fd, std::move(on_change)));
}

}  // namespace haive::mcp
