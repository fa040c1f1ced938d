#pragma once

#include "haive/mcp/base/error.hpp"

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
/// ended: its answer is late. No tombstones are needed, and a sorted array is all it takes: it is
/// appended to at its end, answers mostly come for its front, and an idle table owns nothing.
class CallTable {
public:
    struct Entry {
        Exchange* exchange = nullptr;
        CallState state = CallState::waiting;
    };

    /// Precondition: `id` is larger than any before.
    void add(std::uint64_t id, Exchange& exchange);
    void mark_written(std::uint64_t id);
    [[nodiscard]] const Entry* find(std::uint64_t id) const;
    /// The entry, which is no longer in the table; `exchange` is null when there was none.
    Entry take(std::uint64_t id);
    /// The ids that still wait, oldest first.
    [[nodiscard]] std::vector<std::uint64_t> ids() const;

    [[nodiscard]] bool was_issued(std::uint64_t id) const noexcept { return id != 0 && id <= highest_; }
    [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

    [[nodiscard]] static Disposition verdict(CallState state) noexcept {
        return state == CallState::waiting ? Disposition::not_sent : Disposition::maybe_executed;
    }

private:
    struct Slot {
        std::uint64_t id;
        Entry entry;
    };
    [[nodiscard]] std::vector<Slot>::const_iterator at(std::uint64_t id) const;

    std::vector<Slot> calls_;  // by id, rising
    std::uint64_t highest_ = 0;
};

}  // namespace haive::mcp
