#pragma once

#include "haive/mcp/protocol/capabilities.hpp"
#include "haive/mcp/protocol/versions.hpp"

#include <cstdint>
#include <string>

namespace haive::mcp {

/// What was agreed with a server at the start of one generation of a connection. Immutable.
/// `server_info` is the server's own claim: show it, do not decide on it.
struct SessionFacts {
    SessionFacts() = default;
    Era era = Era::legacy;
    std::string protocol_version;
    Implementation server_info;
    ServerCapabilities capabilities;
    std::string instructions;
    std::uint64_t generation = 0;
    bool carries_headers = false;  ///< what a message is about travels beside it, too: modern HTTP
};

}  // namespace haive::mcp
