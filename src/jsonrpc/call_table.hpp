#pragma once

#include "haive/mcp/base/error.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <vector>

namespace haive::mcp {

class Exchange;

/// Where a request is on its way. `answered` and `abandoned` are not stored: such a call has left.
enum class CallState : std::uint8_t {
    waiting,  ///< in the outbox, not wholly written
    written,  ///< every byte that a parser needs was taken by the kernel
};

/// Who waits for which id, and how far its request got. Pure; the verdict of 4.2 for byte streams.
///
/// Ids rise and are never used twice in a table's life, so an id that was issued and is not here has
/// ended: its answer is late. No tombstones are needed.
class CallTable {
public:
    struct Entry {
        Exchange* exchange = nullptr;
        CallState state = CallState::waiting;
    };

    void add(std::uint64_t id, Exchange& exchange) {
        calls_.insert_or_assign(id, Entry{&exchange, CallState::waiting});
        if (id > highest_) highest_ = id;
    }
    void mark_written(std::uint64_t id) {
        if (auto it = calls_.find(id); it != calls_.end()) it->second.state = CallState::written;
    }
    [[nodiscard]] const Entry* find(std::uint64_t id) const {
        auto it = calls_.find(id);
        return it == calls_.end() ? nullptr : &it->second;
    }
    /// The entry, which is no longer in the table; `exchange` is null when there was none.
    Entry take(std::uint64_t id) {
        auto it = calls_.find(id);
        if (it == calls_.end()) return {};
        const Entry entry = it->second;
        calls_.erase(it);
        return entry;
    }
    /// The ids that still wait, oldest first.
    [[nodiscard]] std::vector<std::uint64_t> ids() const;

    [[nodiscard]] bool was_issued(std::uint64_t id) const noexcept { return id != 0 && id <= highest_; }
    [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

    [[nodiscard]] static Disposition verdict(CallState state) noexcept {
        return state == CallState::waiting ? Disposition::not_sent : Disposition::maybe_executed;
    }

private:
    boost::unordered_flat_map<std::uint64_t, Entry> calls_;
    std::uint64_t highest_ = 0;
};

}  // namespace haive::mcp
