#include "transport/http/socket_wire.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/socket.h>

namespace haive::mcp {

namespace {

constexpr int most_blocks_drained = 16;

std::size_t total(std::span<const iovec> pieces) {
    std::size_t sum = 0;
    for (const iovec& piece : pieces) sum += piece.iov_len;
    return sum;
}

}  // namespace

SocketWire::SocketWire(EpollLoop& loop, StreamResources& resources, int socket)
    : loop_(loop), resources_(resources), socket_(loop, socket), self_(std::make_shared<SocketWire*>(this)) {}

SocketWire::~SocketWire() {
    *self_ = nullptr;
    close();
}

void SocketWire::start(Handler& handler) {
    handler_ = &handler;
    await_readable();
}

void SocketWire::close() noexcept {
    handler_ = nullptr;
    socket_.close();
}

bool SocketWire::still_open() {
    if (!socket_.is_open()) return false;
    char byte = 0;
    const ssize_t n = recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

ByteStream::Written SocketWire::write(std::span<const iovec> pieces) {
    Written out;
    if (!socket_.is_open()) {
        out.broken = true;
        return out;
    }
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    ssize_t n = 0;
    do {
        n = sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0) {
        out.bytes = static_cast<std::size_t>(n);
        out.blocked = out.bytes < total(pieces);
    } else if (errno == EAGAIN) {
        out.blocked = true;
    } else {
        out.broken = true;
        loop_.post([self = self_, code = errno] {
            // It may have answered before it went.
            for (int blocks = 0; blocks < most_blocks_drained; ++blocks) {
                if (*self == nullptr || (*self)->handler_ == nullptr) break;
                if (!(*self)->read_block((*self)->resources_.read_buffer_size())) break;
            }
            if (*self != nullptr) (*self)->end("writing to", code);
        });
    }
    return out;
}

void SocketWire::await_writable() {
    if (!socket_.is_open()) return;
    socket_.wait_writable([self = self_] {
        if (*self == nullptr || (*self)->handler_ == nullptr) return;
        (*self)->handler_->on_writable();
    });
}

void SocketWire::await_readable() {
    if (!socket_.is_open()) return;
    socket_.wait_readable([self = self_] {
        if (*self == nullptr) return;
        (*self)->on_readable();
    });
}

void SocketWire::resume_reading() {
    if (std::exchange(paused_, false) && handler_ != nullptr) await_readable();
}

void SocketWire::on_readable() {
    if (paused_) return;
    auto self = self_;
    if (handler_ != nullptr) read_block(std::min(turn_limit_, resources_.read_buffer_size()));
    if (*self == nullptr || handler_ == nullptr || paused_) return;
    // Where there is more, the kernel says so together with what the others have: nobody waits for more than one turn.
    await_readable();
}

bool SocketWire::read_block(std::size_t most) {
    auto self = self_;
    ssize_t n = 0;
    do {
        n = recv(socket_.native_handle(), resources_.read_buffer(), most, 0);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
        if (n < 0 && errno == EAGAIN) {
            socket_.drained();
        } else {
            end("reading from", n == 0 ? 0 : errno);
        }
        return false;
    }
    const auto size = static_cast<std::size_t>(n);
    if (size < most) socket_.drained();
    handler_->on_bytes(resources_.read_buffer(), size);
    return *self != nullptr && handler_ != nullptr && size == most;
}

void SocketWire::end(std::string_view doing, int code) {
    if (handler_ == nullptr) return;
    Handler* told = std::exchange(handler_, nullptr);
    socket_.close();
    if (code == 0) {
        told->on_stream_end(Error(ErrorKind::connection_lost, "the server closed the connection"), true);
    } else {
        std::string text(doing);
        text.append(" the server: ").append(std::strerror(code));
        told->on_stream_end(Error(ErrorKind::connection_lost, std::move(text)), false);
    }
}

}  // namespace haive::mcp
