#pragma once

#include "haive/mcp/base/loop.hpp"

#include <map>
#include <utility>

namespace haive::mcp::chaos {

/// What a simulation has yet to do, each at its moment of virtual time; equal moments in order.
class Agenda {
public:
    explicit Agenda(Loop& loop) : loop_(loop), timer_(loop, [this] { run_due(); }) {}

    void at(TimePoint when, UniqueFunction<void()> what) {
        items_.emplace(when, std::move(what));
        timer_.arm(items_.begin()->first);
    }
    void after(Duration wait, UniqueFunction<void()> what) { at(loop_.now() + wait, std::move(what)); }
    [[nodiscard]] Loop& loop() noexcept { return loop_; }
    [[nodiscard]] TimePoint now() const noexcept { return loop_.now(); }
    void clear() {
        items_.clear();
        timer_.disarm();
    }

private:
    void run_due() {
        while (!items_.empty() && items_.begin()->first <= loop_.now()) {
            UniqueFunction<void()> what = std::move(items_.extract(items_.begin()).mapped());
            what();
            if (!items_.empty()) timer_.arm(items_.begin()->first);
            return;  // others may be due in between: the loop's order decides
        }
        if (!items_.empty()) timer_.arm(items_.begin()->first);
    }

    Loop& loop_;
    std::multimap<TimePoint, UniqueFunction<void()>> items_;
    Timer timer_;
};

}  // namespace haive::mcp::chaos
