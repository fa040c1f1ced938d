#pragma once

#include "transport/loop/descriptor.hpp"
#include "transport/loop/epoll_loop.hpp"
#include "transport/stream/byte_stream.hpp"
#include "transport/stream/stream_resources.hpp"

#include <cstdint>
#include <memory>

namespace haive::mcp {

/// The pipes to a child's stdin and from its stdout. Reads go into the loop's shared block, at most
/// 64 KiB a turn; writes are tried at once and wait for the pipe only when it is full.
class PipeStream final : public ByteStream {
public:
    /// Takes both descriptors, which must be non-blocking.
    PipeStream(EpollLoop& loop, StreamResources& resources, int to_child, int from_child);
    ~PipeStream() override;

    void start(Handler& handler) override;
    Written write(std::span<const iovec> pieces) override;
    void await_writable() override;
    void pause_reading() override { paused_ = true; }
    void resume_reading() override;
    void limit_turn(std::size_t bytes) override { turn_limit_ = bytes; }
    void close() noexcept override;

    /// Says goodbye: the child sees the end of its input. Reading goes on.
    void close_input() noexcept;
    /// Delivers what is in the pipe right now; for a child that has ended.
    void drain();
    /// Whether the child has taken everything that was written.
    [[nodiscard]] bool input_was_read() const noexcept;

private:
    void await_readable();
    void on_readable();
    /// Reads one block; true: there may be more.
    bool read_block(std::size_t most);
    void end(Error error, bool graceful);

    EpollLoop& loop_;
    StreamResources& resources_;
    Descriptor in_;   // the child's stdin
    Descriptor out_;  // the child's stdout
    Handler* handler_ = nullptr;
    std::size_t pipe_size_ = std::size_t{64} << 10;
    int full_blocks_ = 0;  // in a row
    bool out_widened_ = false;
    bool paused_ = false;
    std::size_t turn_limit_ = SIZE_MAX;
    std::shared_ptr<PipeStream*> self_;
};

}  // namespace haive::mcp
