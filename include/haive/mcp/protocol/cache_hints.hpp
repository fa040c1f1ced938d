#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <optional>

namespace haive::mcp {

/// Who may be given a kept answer.
enum class CacheScope : std::uint8_t {
    private_scope,  ///< only the authorization context that asked; also when the server did not say
    public_scope,   ///< anyone
};

/// How long an answer holds, as the server says (2026-07-28, *Caching*: `ttlMs`, `cacheScope`).
/// Legacy servers say nothing: then `ttl` is not set and the answer is stale at once.
struct CacheHints {
    std::optional<Duration> ttl;  ///< never negative
    CacheScope scope = CacheScope::private_scope;
};

}  // namespace haive::mcp
