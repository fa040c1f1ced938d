#pragma once

#include "haive/mcp/protocol/logging.hpp"

#include <optional>
#include <set>
#include <string>

namespace haive::mcp {

/// What a program asked of a server once and for all: each new session is told again, because servers forget.
/// Loop thread only.
struct StandingWishes {
    std::optional<LogLevel> log_level;
    std::set<std::string, std::less<>> resources;  ///< URIs whose updates are wanted

    static constexpr std::size_t most_resources = 1000;
};

}  // namespace haive::mcp
