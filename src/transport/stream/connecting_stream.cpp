#include "transport/stream/connecting_stream.hpp"

namespace haive::mcp {

void ConnectingStream::start(Handler& handler) {
    handler_ = &handler;
    auto self = self_;
    auto attempt = connect_([self](Result<std::unique_ptr<ByteStream>> stream) {
        if (*self != nullptr) (*self)->on_connected(std::move(stream));
    });
    if (*self != nullptr && !stream_ && handler_ != nullptr) attempt_ = std::move(attempt);
}

void ConnectingStream::on_connected(Result<std::unique_ptr<ByteStream>> stream) {
    if (handler_ == nullptr) return;
    // It may be the attempt that calls: it goes when we are back there.
    const auto keep = std::move(attempt_);
    if (stream.has_error()) {
        std::exchange(handler_, nullptr)->on_stream_end(stream.error(), false);
        return;
    }
    stream_ = std::move(*stream);
    auto self = self_;
    stream_->limit_turn(turn_limit_);
    stream_->start(*handler_);
    if (*self != nullptr && handler_ != nullptr && std::exchange(awaited_, false)) handler_->on_writable();
}

ByteStream::Written ConnectingStream::write(std::span<const iovec> pieces) {
    if (stream_) return stream_->write(pieces);
    Written nothing;
    nothing.blocked = true;
    return nothing;
}

void ConnectingStream::await_writable() {
    if (stream_) {
        stream_->await_writable();
    } else {
        awaited_ = true;
    }
}

void ConnectingStream::close() noexcept {
    handler_ = nullptr;
    attempt_.reset();
    if (stream_) stream_->close();
}

}  // namespace haive::mcp
