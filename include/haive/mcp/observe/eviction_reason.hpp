#pragma once

#include <cstdint>

namespace haive::mcp {

/// Why a pool lets a member go.
enum class EvictionReason : std::uint8_t {
    idle,       ///< unused for long, or somebody else needed its place
    lifetime,   ///< old, and replaced
    unhealthy,  ///< gave no answer when it was to be lent
    failed,     ///< a replacement that did not come up
    discarded,  ///< by its holder
    evicted,    ///< all were told to go
    drained,    ///< with the pool
};
inline constexpr int eviction_reasons = 7;

}  // namespace haive::mcp
