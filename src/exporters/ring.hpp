#pragma once

#include <cstdint>
#include <vector>

namespace haive::mcp {

/// The last `most` things, in slots that are used again.
template <class T>
class Ring {
public:
    explicit Ring(std::size_t most) : most_(most) {}

    /// The slot for the newest: a fresh one, or the oldest's with what was in it. Needs room for one at least.
    T& next() {
        ++added_;
        if (slots_.size() < most_) return slots_.emplace_back();
        T& slot = slots_[oldest_];
        oldest_ = (oldest_ + 1) % slots_.size();
        return slot;
    }
    template <class See>
    void each(See&& see) const {
        for (std::size_t i = 0; i < slots_.size(); ++i) see(slots_[(oldest_ + i) % slots_.size()]);
    }
    /// How many there were in all.
    [[nodiscard]] std::uint64_t added() const noexcept { return added_; }

private:
    const std::size_t most_;
    std::vector<T> slots_;
    std::size_t oldest_ = 0;
    std::uint64_t added_ = 0;
};

}  // namespace haive::mcp
