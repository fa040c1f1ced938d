#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/transport/memory.hpp"
#include "transport/stream/byte_stream.hpp"

#include <memory>

namespace haive::mcp {

/// The client's end of an in-memory pair. The far end is a MemoryServer; both sides' bytes pass through
/// the loop's queue, so neither runs inside the other's call.
class MemoryStream final : public ByteStream {
public:
    MemoryStream(Loop& loop, std::unique_ptr<MemoryServer> server);
    ~MemoryStream() override { close(); }

    void start(Handler& handler) override;
    Written write(std::span<const iovec> pieces) override;
    void await_writable() override {}
    void close() noexcept override;

private:
    struct Shared;

    std::shared_ptr<Shared> shared_;
};

}  // namespace haive::mcp
