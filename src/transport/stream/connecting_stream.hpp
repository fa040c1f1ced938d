#pragma once

#include "haive/mcp/base/unique_function.hpp"
#include "transport/stream/byte_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace haive::mcp {

/// A stream that is still being connected: nothing is taken until it is, and a failure is the stream's end
/// with the reason, not one byte sent. So a channel exists at once and closing it never waits. Loop thread only.
class ConnectingStream final : public ByteStream {
public:
    using Connected = UniqueFunction<void(Result<std::unique_ptr<ByteStream>>)>;
    /// Begins to connect; `done` comes once, later or at once. Destroying what is returned gives it up.
    using Connect = UniqueFunction<std::shared_ptr<void>(Connected done)>;

    explicit ConnectingStream(Connect connect)
        : connect_(std::move(connect)), self_(std::make_shared<ConnectingStream*>(this)) {}
    ~ConnectingStream() override { *self_ = nullptr; }

    void start(Handler& handler) override;
    Written write(std::span<const iovec> pieces) override;
    void await_writable() override;
    void pause_reading() override {
        if (stream_) stream_->pause_reading();
    }
    void resume_reading() override {
        if (stream_) stream_->resume_reading();
    }
    void limit_turn(std::size_t bytes) override {
        turn_limit_ = bytes;
        if (stream_) stream_->limit_turn(bytes);
    }
    void close() noexcept override;

private:
    void on_connected(Result<std::unique_ptr<ByteStream>> stream);

    Connect connect_;
    std::shared_ptr<void> attempt_;
    std::unique_ptr<ByteStream> stream_;
    Handler* handler_ = nullptr;
    std::size_t turn_limit_ = SIZE_MAX;
    bool awaited_ = false;
    std::shared_ptr<ConnectingStream*> self_;
};

}  // namespace haive::mcp
