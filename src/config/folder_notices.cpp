#include "config/folder_notices.hpp"

#include "transport/asio/asio_loop.hpp"
#include "transport/asio/descriptor.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

namespace haive::mcp {

namespace {

/// Reads notices for as long as the owner lives; the descriptor's reads outlive it, so they hold this by a share.
class Reader : public std::enable_shared_from_this<Reader> {
public:
    Reader(AsioLoop& loop, int fd, std::function<void()> on_change)
        : notices_(loop.context(), fd), on_change_(std::move(on_change)) {}

    void read() {
        notices_.async_read_some(boost::asio::buffer(buffer_),
                                 [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                                     if (error || !self->on_change_) return;
                                     const auto on_change = self->on_change_;  // it may end us
                                     on_change();
                                     if (self->on_change_) self->read();
                                 });
    }
    void stop() {
        on_change_ = nullptr;
        boost::system::error_code ignored;
        notices_.close(ignored);
    }

private:
    Descriptor notices_;
    std::function<void()> on_change_;
    std::array<char, 4096> buffer_{};  // its content does not matter: any notice means look
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
    auto* asio = dynamic_cast<AsioLoop*>(&loop);
    if (asio == nullptr) return nullptr;
    const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) return nullptr;
    constexpr std::uint32_t changes =
        IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ATTRIB;
    if (inotify_add_watch(fd, folder.c_str(), changes) < 0) {
        close(fd);
        return nullptr;
    }
    return std::make_unique<InotifyNotices>(std::make_shared<Reader>(*asio, fd, std::move(on_change)));
}

}  // namespace haive::mcp
