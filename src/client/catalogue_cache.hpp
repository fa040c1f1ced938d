#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Answers to list requests, kept as long as they may be (MCP *Caching*). Loop thread only; `now` comes in.
///
/// Modern servers say how long (`ttlMs`); legacy ones are believed only when they promise to announce
/// changes (`listChanged`). A change notice, and a new generation, empties what it touches at once.
class CatalogueCache {
public:
    struct Policy {
        bool announces_changes = false;        ///< legacy: the capability says `listChanged`
        std::optional<Duration> time_to_live;  ///< modern: `ttlMs` of this answer
    };

    [[nodiscard]] const RawJson* find(std::string_view method, std::string_view params, TimePoint now) const;
    void store(std::string_view method, std::string_view params, RawJson answer, Policy policy, TimePoint now);
    /// The server announced a change of `tools`, `prompts` or `resources`.
    void invalidate(std::string_view what);
    void clear() { entries_.clear(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    static constexpr std::size_t max_entries = 512;
    static constexpr Duration longest_life = std::chrono::hours(24);

private:
    struct Entry {
        RawJson answer;
        TimePoint expires;
    };
    std::map<std::string, Entry, std::less<>> entries_;  // "method\nparams"
};

}  // namespace haive::mcp
