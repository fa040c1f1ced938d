#pragma once

#include "haive/mcp/protocol/cache_hints.hpp"
#include "haive/mcp/protocol/capabilities.hpp"

#include <string>
#include <vector>

namespace haive::mcp {

/// The answer to `initialize` (legacy, *Lifecycle › Initialization*).
struct InitializeResult {
    InitializeResult() = default;
    std::string protocol_version;
    ServerCapabilities capabilities;
    Implementation server_info;  ///< empty name: the server did not introduce itself
    std::string instructions;
    RawJson meta;
    RawJson raw;
};

/// Strict on `protocolVersion`; a missing `capabilities` or `serverInfo` means none. Errors:
/// protocol_violation naming the field.
[[nodiscard]] Result<InitializeResult> parse_initialize_result(std::string_view raw_result);

/// The answer to `server/discover` (modern, *Discovery*).
struct DiscoverResult {
    DiscoverResult() = default;
    std::vector<std::string> supported_versions;
    ServerCapabilities capabilities;
    Implementation server_info;  ///< from `_meta`, else from a stray top-level `serverInfo`, else empty
    std::string instructions;
    CacheHints cache;
    RawJson meta;
    RawJson raw;
};

/// Strict on `supportedVersions`, whose absence tells a legacy server that answers anything with `{}`;
/// a missing `capabilities` means none. Errors: protocol_violation naming the field.
[[nodiscard]] Result<DiscoverResult> parse_discover_result(std::string_view raw_result);

}  // namespace haive::mcp
