#include "transport/stdio/pipe_stream.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace haive::mcp {

namespace {

constexpr std::size_t read_budget = std::size_t{64} << 10;  // a flooding server leaves others their turn
constexpr int wide_pipe = 1 << 20;
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
    const bool more = read_some(read_budget);
    if (*self == nullptr || handler_ == nullptr || paused_) return;
    if (more) {
        loop_.post([self] {
            if (*self != nullptr && (*self)->handler_ != nullptr) (*self)->on_readable();
        });
    } else {
        await_readable();
    }
}

bool PipeStream::read_some(std::size_t budget) {
    auto self = self_;
    for (std::size_t seen = 0; seen < budget;) {
        ssize_t n = 0;
        do {
            n = read(out_.native_handle(), resources_.read_buffer(), resources_.read_buffer_size());
        } while (n < 0 && errno == EINTR);
        if (n > 0) {
            const auto size = static_cast<std::size_t>(n);
            seen += size;
            if (size == resources_.read_buffer_size() && !out_widened_) {
                out_widened_ = true;
                fcntl(out_.native_handle(), F_SETPIPE_SZ, wide_pipe);
            }
            const bool all = size < resources_.read_buffer_size();
            if (all) out_.drained();
            handler_->on_bytes(resources_.read_buffer(), size);
            if (*self == nullptr || handler_ == nullptr || all) return false;
            if (paused_ && !draining_) return false;
        } else if (n == 0) {
            end(Error(ErrorKind::connection_lost, "the server closed its output"), true);
            return false;
        } else {
            if (errno == EAGAIN) {
                out_.drained();
                return false;
            }
            end(Error(ErrorKind::connection_lost, std::string("reading from the server: ") + std::strerror(errno)),
                false);
            return false;
        }
    }
    return true;
}

void PipeStream::drain() {
    auto self = self_;
    draining_ = true;  // all of it now, however fast it came: nobody will write more
    for (int rounds = 0; rounds < 16; ++rounds) {
        if (*self == nullptr || handler_ == nullptr || !out_.is_open()) return;
        if (!read_some(read_budget)) return;
    }
}

void PipeStream::end(Error error, bool graceful) {
    if (handler_ == nullptr) return;
    Handler* told = std::exchange(handler_, nullptr);
    out_.close();
    told->on_stream_end(std::move(error), graceful);
}

}  // namespace haive::mcp
