#pragma once

#include "haive/mcp/base/loop.hpp"

#include <cstdint>
#include <vector>

namespace haive::mcp {

/// The timers of one loop: a 4-ary heap of intrusive nodes. Pure; `now` comes in from outside.
/// Equal deadlines fire in the order in which they were armed (the simulation depends on it).
class TimerQueue {
public:
    void arm(Timer& timer, TimePoint due);
    void disarm(Timer& timer) noexcept;

    /// When the next timer is due; `never` if there is none.
    [[nodiscard]] TimePoint next_due() const noexcept { return heap_.empty() ? never : heap_[0].due; }
    /// Fires one timer that is due at `now`, if any. False when nothing was due.
    bool fire_one(TimePoint now);
    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

private:
    struct Node {
        TimePoint due;
        std::uint64_t order;
        Timer* timer;
        bool operator<(const Node& o) const noexcept { return due != o.due ? due < o.due : order < o.order; }
    };
    void sift_up(std::size_t at) noexcept;
    void sift_down(std::size_t at) noexcept;
    void place(std::size_t at, Node node) noexcept;
    void remove(std::size_t at) noexcept;

    std::vector<Node> heap_;
    std::uint64_t next_order_ = 0;
};

}  // namespace haive::mcp
