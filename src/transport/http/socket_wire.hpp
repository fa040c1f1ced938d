#pragma once

#include "transport/http/http_wire.hpp"
#include "transport/loop/descriptor.hpp"
#include "transport/loop/epoll_loop.hpp"
#include "transport/stream/stream_resources.hpp"

#include <cstdint>
#include <memory>

namespace haive::mcp {

/// A plain socket. Reads go into the loop's shared block, at most 64 KiB a turn.
class SocketWire final : public HttpWire {
public:
    /// Takes the socket, which must be connected and non-blocking.
    SocketWire(EpollLoop& loop, StreamResources& resources, int socket);
    ~SocketWire() override;

    void start(Handler& handler) override;
    Written write(std::span<const iovec> pieces) override;
    void await_writable() override;
    void pause_reading() override { paused_ = true; }
    void resume_reading() override;
    void limit_turn(std::size_t bytes) override { turn_limit_ = bytes; }
    void close() noexcept override;
    [[nodiscard]] bool still_open() override;
    [[nodiscard]] bool counts_exactly() const noexcept override { return true; }

private:
    void await_readable();
    void on_readable();
    /// Reads one block; true: there may be more.
    bool read_block(std::size_t most);
    void end(std::string_view doing, int code);

    EpollLoop& loop_;
    StreamResources& resources_;
    Descriptor socket_;
    Handler* handler_ = nullptr;
    bool paused_ = false;
    std::size_t turn_limit_ = SIZE_MAX;
    std::shared_ptr<SocketWire*> self_;
};

}  // namespace haive::mcp
