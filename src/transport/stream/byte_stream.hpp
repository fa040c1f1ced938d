#pragma once

#include "haive/mcp/base/result.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <sys/uio.h>

namespace haive::mcp {

/// How much slack bytes must be readable behind every block handed to `on_bytes` (simdjson's padding).
inline constexpr std::size_t read_slack = 64;

/// A two-way flow of bytes: pipes of a child, a socket, a simulated wire. Loop thread only.
class ByteStream {
public:
    class Handler {
    public:
        virtual ~Handler() = default;
        /// `data` may be scribbled on and has `read_slack` readable bytes behind it.
        virtual void on_bytes(char* data, std::size_t size) = 0;
        virtual void on_writable() = 0;
        /// No byte will come any more, or none can go out. Once.
        virtual void on_stream_end(Error error, bool graceful) = 0;
    };
    struct Written {
        std::size_t bytes = 0;
        bool blocked = false;  ///< the rest has to wait for `on_writable`
        bool broken = false;   ///< the far side is gone; `on_stream_end` follows
    };

    virtual ~ByteStream() = default;
    virtual void start(Handler& handler) = 0;
    /// Takes what it can right now, in order.
    virtual Written write(std::span<const iovec> pieces) = 0;
    /// Asks for one `on_writable`.
    virtual void await_writable() = 0;
    /// No callback comes after it returns.
    virtual void close() noexcept = 0;
    /// Leaves what comes where it is until `resume_reading`; a far side with more to say is held up by that. Also from
    /// inside `on_bytes`. A stream that holds nobody up does nothing.
    virtual void pause_reading() {}
    virtual void resume_reading() {}
    /// Hands over at most so much a turn of the loop from now on, so that others wait less behind it; more than a
    /// turn's usual share changes nothing. A hint: a stream may do without.
    virtual void limit_turn(std::size_t /*bytes*/) {}
};

}  // namespace haive::mcp
