#pragma once

#include "haive/mcp/base/unique_function.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace haive::mcp {

/// Work in the order in which it came. It keeps its memory, so that a busy loop allocates none.
class WorkQueue {
public:
    void push(UniqueFunction<void()> work) { items_.push_back(std::move(work)); }
    [[nodiscard]] bool empty() const noexcept { return first_ == items_.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return items_.size() - first_; }
    /// Not when empty.
    UniqueFunction<void()> pop() {
        UniqueFunction<void()> work = std::move(items_[first_++]);
        if (empty()) {
            items_.clear();
            first_ = 0;
        } else if (first_ >= 1024 && first_ * 2 >= items_.size()) {  // never quite empty: it must not grow for ever
            items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
            first_ = 0;
        }
        return work;
    }
    void swap(WorkQueue& other) noexcept {
        items_.swap(other.items_);
        std::swap(first_, other.first_);
    }

private:
    std::vector<UniqueFunction<void()>> items_;
    std::size_t first_ = 0;
};

}  // namespace haive::mcp
