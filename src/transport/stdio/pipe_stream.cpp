#include "transport/stdio/pipe_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace haive::mcp {

namespace {

constexpr int wide_pipe = 1 << 20;
constexpr int most_blocks_drained = 16;  // a wide pipe
constexpr std::size_t wide_frame = std::size_t{64} << 10;

std::size_t total(std::span<const iovec> pieces) {
    std::size_t sum = 0;
    for (const iovec& piece : pieces) sum += piece.iov_len;
    return sum;
}

}  // namespace

PipeStream::PipeStream(EpollLoop& loop, StreamResources& resources, int to_child, int from_child)
    : loop_(loop),
      resources_(resources),
      in_(loop, to_child),
      out_(loop, from_child),
      self_(std::make_shared<PipeStream*>(this)) {}

PipeStream::~PipeStream() {
    *self_ = nullptr;
    close();
}

void PipeStream::start(Handler& handler) {
    handler_ = &handler;
    await_readable();
}

void PipeStream::close() noexcept {
    handler_ = nullptr;
    in_.close();
    out_.close();
}

void PipeStream::close_input() noexcept { in_.close(); }

bool PipeStream::input_was_read() const noexcept {
    int unread = 0;
    auto& in = const_cast<Descriptor&>(in_);
    return in.is_open() && ioctl(in.native_handle(), FIONREAD, &unread) == 0 && unread == 0;
}

ByteStream::Written PipeStream::write(std::span<const iovec> pieces) {
    Written out;
    if (!in_.is_open()) {
        out.blocked = true;  // closed on purpose: nobody waits for these bytes
        return out;
    }
    const std::size_t size = total(pieces);
    if (size > wide_frame && pipe_size_ < wide_pipe) {
        // Megabyte messages through a 64 KiB pipe cost four times the CPU; being refused is harmless.
        const int got = fcntl(in_.native_handle(), F_SETPIPE_SZ, wide_pipe);
        pipe_size_ = got > 0 ? static_cast<std::size_t>(got) : static_cast<std::size_t>(wide_pipe);
    }
    ssize_t n = 0;
    do {
        n = pieces.size() == 1 ? ::write(in_.native_handle(), pieces[0].iov_base, pieces[0].iov_len)
                               : writev(in_.native_handle(), pieces.data(), static_cast<int>(pieces.size()));
    } while (n < 0 && errno == EINTR);
    if (n >= 0) {
        out.bytes = static_cast<std::size_t>(n);
        out.blocked = out.bytes < size;
    } else if (errno == EAGAIN) {
        out.blocked = true;
    } else {
        out.broken = true;
        loop_.post([self = self_, code = errno] {
            if (*self != nullptr) (*self)->drain();  // it may have answered before it went
            if (*self == nullptr) return;
            Error error(ErrorKind::connection_lost,
                        std::string("the server closed its input (") + std::strerror(code) + ")");
            (*self)->end(std::move(error), false);
        });
    }
    return out;
}

void PipeStream::await_writable() {
    if (!in_.is_open()) return;
    in_.wait_writable([self = self_] {
        if (*self == nullptr || (*self)->handler_ == nullptr) return;
        (*self)->handler_->on_writable();
    });
}

void PipeStream::await_readable() {
    if (!out_.is_open()) return;
    out_.wait_readable([self = self_] {
        if (*self == nullptr) return;
        (*self)->on_readable();
    });
}

void PipeStream::resume_reading() {
    if (std::exchange(paused_, false) && handler_ != nullptr) await_readable();
}

void PipeStream::on_readable() {
    if (paused_) return;
    auto self = self_;
    read_block(std::min(turn_limit_, resources_.read_buffer_size()));
    if (*self == nullptr || handler_ == nullptr || paused_) return;
    // Where there is more, the kernel says so together with what the others have: nobody waits for more than one turn.
    await_readable();
}

bool PipeStream::read_block(std::size_t most) {
    auto self = self_;
    ssize_t n = 0;
    do {
        n = read(out_.native_handle(), resources_.read_buffer(), most);
    } while (n < 0 && errno == EINTR);
    if (n == 0) {
        end(Error(ErrorKind::connection_lost, "the server closed its output"), true);
        return false;
    }
    if (n < 0) {
        if (errno == EAGAIN) {
            out_.drained();
        } else {
            end(Error(ErrorKind::connection_lost, std::string("reading from the server: ") + std::strerror(errno)),
                false);
        }
        return false;
    }
    const auto size = static_cast<std::size_t>(n);
    // A second whole block: a large message is coming. A flood is read in smaller ones by then.
    full_blocks_ = size == resources_.read_buffer_size() ? std::min(full_blocks_ + 1, 2) : 0;
    if (full_blocks_ == 2 && !std::exchange(out_widened_, true)) {
        fcntl(out_.native_handle(), F_SETPIPE_SZ, wide_pipe);
    }
    if (size < most) out_.drained();
    handler_->on_bytes(resources_.read_buffer(), size);
    return *self != nullptr && handler_ != nullptr && size == most;
}

void PipeStream::drain() {
    auto self = self_;
    // All of it now, however fast it came: nobody will write more.
    for (int blocks = 0; blocks < most_blocks_drained; ++blocks) {
        if (*self == nullptr || handler_ == nullptr || !out_.is_open()) return;
        if (!read_block(resources_.read_buffer_size())) return;
    }
}

void PipeStream::end(Error error, bool graceful) {
    if (handler_ == nullptr) return;
    Handler* told = std::exchange(handler_, nullptr);
    out_.close();
    told->on_stream_end(std::move(error), graceful);
}

}  // namespace haive::mcp
