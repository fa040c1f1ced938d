#pragma once

#include "haive/mcp/protocol/caller.hpp"

#include <algorithm>

namespace haive::mcp {

/// What a call may take in all: what its options say, else ten times the silence that it bears.
[[nodiscard]] inline Duration total_of(const CallOptions& options, Duration usual_timeout) {
    if (options.max_total_timeout) return to_duration(*options.max_total_timeout);
    const Duration idle = options.timeout ? to_duration(*options.timeout) : usual_timeout;
    return idle > Duration::max() / 10 ? Duration::max() : idle * 10;
}

/// Each hop that may make a call wait says so when the call comes: whoever counts first, counts for all.
inline void fix_deadline(Request& request, TimePoint now, Duration usual_timeout) {
    if (request.came == TimePoint()) request.came = now;
    request.deadline = std::min(request.deadline, saturating_add(now, total_of(request.options, usual_timeout)));
}

/// How long a call bears being held back before it goes out: not longer than silence, unless it has said what it bears
/// in all.
[[nodiscard]] inline Duration patience_of(const CallOptions& options, Duration usual_timeout) {
    if (options.max_total_timeout) return to_duration(*options.max_total_timeout);
    return options.timeout ? to_duration(*options.timeout) : usual_timeout;
}

}  // namespace haive::mcp
