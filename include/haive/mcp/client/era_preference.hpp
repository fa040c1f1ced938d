#pragma once

#include "haive/mcp/protocol/versions.hpp"

#include <cstdint>
#include <string>

namespace haive::mcp {

/// Which protocol era the client may speak to a server.
enum class EraPreference : std::uint8_t {
    automatic,  ///< find out (default): modern where the server speaks it, else legacy
    legacy,     ///< `initialize` only, no probe
    modern,     ///< stateless only, no fall back
};

/// What was learnt about a server's era, for the next time (MCP lets it be kept for the life of the
/// process or, by the host, longer). A wrong memory costs one extra round trip, never a failure.
struct PriorEra {
    PriorEra() = default;
    PriorEra(Era e, std::string v) : era(e), version(std::move(v)) {}
    Era era = Era::legacy;
    std::string version;
};

}  // namespace haive::mcp
