#pragma once

#include "transport/stream/byte_stream.hpp"

namespace haive::mcp {

/// A connection to an origin, ready for HTTP/1.1: a socket, or TLS over one. Reads from `start` on, also
/// while nothing is asked, so that a server that closes is noticed. Loop thread only.
///
/// A `write` that was blocked has to be followed by one with the same bytes, or by `close`.
class HttpWire : public ByteStream {
public:
    /// Looks, without waiting, whether the far side has closed or spoken unasked: before a second use.
    [[nodiscard]] virtual bool still_open() = 0;
    /// Whether a failed `write` of zero bytes proves that nothing left. TLS cannot say.
    [[nodiscard]] virtual bool counts_exactly() const noexcept = 0;
};

}  // namespace haive::mcp
