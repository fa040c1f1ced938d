#include "haive/mcp/transport/memory.hpp"

#include "haive/mcp/transport/runtime.hpp"
#include "transport/memory/memory_stream.hpp"
#include "transport/stream/stream_channel.hpp"

namespace haive::mcp {

Task<Result<std::unique_ptr<Channel>>> MemoryTransport::open(Runtime& runtime, TimePoint) const {
    auto stream = std::make_unique<MemoryStream>(runtime.loop(), factory_());
    std::unique_ptr<Channel> channel =
        std::make_unique<StreamChannel>(runtime.loop(), runtime.stream_resources(), std::move(stream), StreamLimits());
    co_return std::move(channel);
}

}  // namespace haive::mcp
