#pragma once

#include "message.hpp"

namespace builtin {

/// The modern era says with each result that may be kept for how long.
[[nodiscard]] inline json::object kept_for(int milliseconds, json::object result, bool modern) {
    if (!modern) return result;
    result["ttlMs"] = milliseconds;
    result["cacheScope"] = "public";
    return result;
}

}  // namespace builtin
