#pragma once

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <string>
#include <vector>

namespace haive::mcp {

/// A picture for a tool, prompt, resource or program (2025-11-25, *Icons*).
/// `src` is the peer's: nothing here checks or fetches it.
struct Icon {
    std::string src;  ///< `https:` or `data:` by the specification
    std::string mime_type;
    std::vector<std::string> sizes;  ///< "48x48", "any"
    std::string theme;               ///< "light", "dark" or empty

    /// Whether `src` has a scheme that the specification allows (https or data).
    [[nodiscard]] bool has_allowed_scheme() const noexcept;
};

/// Name and version of a program that speaks MCP (*Lifecycle*: `serverInfo`, `clientInfo`).
/// A server's is its own claim: show it, never decide on it.
struct Implementation {
    std::string name;
    std::string title;  ///< for people; may be empty
    std::string version;
    std::string description;
    std::string website_url;
    std::vector<Icon> icons;
    RawJson raw;  ///< as received; not written by `to_json`
};

/// Errors: protocol_violation naming the field, unless it is an object with a `name`.
[[nodiscard]] Result<Implementation> parse_implementation(std::string_view raw);
[[nodiscard]] RawJson to_json(const Implementation& implementation);

}  // namespace haive::mcp
