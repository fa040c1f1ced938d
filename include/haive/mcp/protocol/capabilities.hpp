#pragma once

#include "haive/mcp/protocol/implementation.hpp"

namespace haive::mcp {

/// What a server offers (*Lifecycle › Capability negotiation*; the flags are the sub-capabilities).
struct ServerCapabilities {
    bool tools = false;
    bool tools_list_changed = false;
    bool resources = false;
    bool resources_list_changed = false;
    bool resources_subscribe = false;
    bool prompts = false;
    bool prompts_list_changed = false;
    bool completions = false;  ///< 2024-11-05 servers complete without saying so
    bool logging = false;
    RawJson tasks;       ///< legacy experimental tasks, as sent; empty when not offered
    RawJson extensions;  ///< modern: extension id to its settings
    RawJson experimental;
    RawJson raw;  ///< the whole object as sent
};

/// Tolerant: a capability that is not an object counts as offered when it is `true`. Errors:
/// protocol_violation when `raw` is not an object.
[[nodiscard]] Result<ServerCapabilities> parse_server_capabilities(std::string_view raw);

/// What a client offers to servers (*Client features*). Declare only what a handler exists for.
struct ClientCapabilities {
    bool roots = false;
    bool roots_list_changed = false;  ///< legacy only
    bool sampling = false;
    bool sampling_tools = false;    ///< 2025-11-25: requests with `tools`
    bool sampling_context = false;  ///< 2025-11-25: `includeContext` beyond "none"
    bool elicitation = false;       ///< alone: forms only
    bool elicitation_form = false;  ///< 2025-11-25: said explicitly
    bool elicitation_url = false;   ///< 2025-11-25
    RawJson tasks;                  ///< an object, or empty
    RawJson extensions;             ///< an object, or empty
    RawJson experimental;           ///< an object, or empty
};

/// The JSON object; `{}` for no capability. Precondition: the RawJson members are JSON objects.
[[nodiscard]] RawJson to_json(const ClientCapabilities& capabilities);

}  // namespace haive::mcp
