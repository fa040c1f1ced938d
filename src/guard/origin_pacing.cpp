#include "guard/origin_pacing.hpp"

#include <algorithm>

namespace haive::mcp {

void OriginPacing::note(std::string_view origin, Duration retry_after, TimePoint now) {
    if (origin.empty() || retry_after <= Duration::zero()) return;
    const TimePoint until = now + std::min(retry_after, longest);
    const auto known = until_.find(origin);
    if (known != until_.end()) {
        known->second = std::max(known->second, until);
        return;
    }
    if (until_.size() >= most_origins) std::erase_if(until_, [&](const auto& entry) { return entry.second <= now; });
    if (until_.size() < most_origins) until_.emplace(std::string(origin), until);
}

TimePoint OriginPacing::until(std::string_view origin) const {
    const auto known = until_.find(origin);
    return known == until_.end() ? TimePoint::min() : known->second;
}

}  // namespace haive::mcp
