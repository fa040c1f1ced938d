#pragma once

#include "jsonrpc/message_codec.hpp"
#include "transport/stream/byte_stream.hpp"

#include <cstddef>
#include <memory>

namespace haive::mcp {

/// What all byte-stream channels of one loop share, so that an idle one owns no buffer: the block that
/// is read into and the JSON router. Loop thread only; a block is valid until the reader returns.
struct StreamResources {
    static constexpr std::size_t block_size = std::size_t{64} << 10;

    StreamResources() : block(std::make_unique_for_overwrite<char[]>(block_size + read_slack)) {}
    [[nodiscard]] char* read_buffer() noexcept { return block.get(); }
    [[nodiscard]] static constexpr std::size_t read_buffer_size() noexcept { return block_size; }

    std::unique_ptr<char[]> block;
    MessageCodec codec;
};

}  // namespace haive::mcp
