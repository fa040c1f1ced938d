#pragma once

#include <string_view>

namespace haive::mcp {

/// Whether a `tools/call` result says `"isError": true` of itself, and not somewhere inside its contents. Reads the
/// text once where the word is absent or false, as in most answers; it need not be valid JSON. Pure.
[[nodiscard]] bool is_tool_error(std::string_view result) noexcept;

}  // namespace haive::mcp
