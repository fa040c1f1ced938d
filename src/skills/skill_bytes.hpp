#pragma once

#include "haive/mcp/protocol/resources.hpp"

#include <string>
#include <string_view>

namespace haive::mcp {

/// `sha256:` and the digest in lower-case hexadecimal.
[[nodiscard]] std::string sha256_digest(std::string_view bytes);

/// The bytes that a server means: its text as UTF-8, or its blob decoded. Errors: protocol_violation.
[[nodiscard]] Result<std::string> bytes_of(const ResourceContents& contents);

}  // namespace haive::mcp
