#include "client/catalogue_cache.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {
std::string key_of(std::string_view method, std::string_view params) {
    std::string key(method);
    key += '\n';
    key += params == "{}" ? std::string_view() : params;
    return key;
}
}  // namespace

const RawJson* CatalogueCache::find(std::string_view method, std::string_view params, TimePoint now) const {
    const auto it = entries_.find(key_of(method, params));
    return it == entries_.end() || now >= it->second.expires ? nullptr : &it->second.answer;
}

void CatalogueCache::store(std::string_view method, std::string_view params, RawJson answer, Policy policy,
                           TimePoint now) {
    TimePoint expires = now;
    if (policy.time_to_live) {
        expires = saturating_add(now, std::clamp(*policy.time_to_live, Duration::zero(), longest_life));
    } else if (policy.announces_changes) {
        expires = never;
    }
    if (expires <= now) return;
    if (entries_.size() >= max_entries) entries_.clear();
    entries_.insert_or_assign(key_of(method, params), Entry{std::move(answer), expires});
}

void CatalogueCache::invalidate(std::string_view what) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.first.starts_with(what); });
}

}  // namespace haive::mcp
