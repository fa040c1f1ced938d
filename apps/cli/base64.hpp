#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp::cli {

/// The bytes that a base64 text stands for, line ends skipped; nullopt when it is none.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace haive::mcp::cli
