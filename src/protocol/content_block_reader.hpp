#pragma once

#include "haive/mcp/protocol/content.hpp"

#include <optional>
#include <string_view>

namespace haive::mcp {

/// `parse_content_block` into a fresh block that is in its place already.
/// On an error `out` is unspecified.
[[nodiscard]] std::optional<Error> read_content_block(std::string_view raw, ContentBlock& out);

}  // namespace haive::mcp
