#include "jsonrpc/call_table.hpp"

#include <algorithm>

namespace haive::mcp {

std::vector<CallTable::Slot>::const_iterator CallTable::at(std::uint64_t id) const {
    // Answers mostly come in order: the oldest first.
    if (!calls_.empty() && calls_.front().id == id) return calls_.begin();
    const auto it = std::ranges::lower_bound(calls_, id, {}, &Slot::id);
    return it != calls_.end() && it->id == id ? it : calls_.end();
}

void CallTable::add(std::uint64_t id, Exchange& exchange) {
    highest_ = std::max(highest_, id);
    const Slot slot{id, Entry{&exchange, CallState::waiting}};
    if (calls_.empty() || calls_.back().id < id) {
        calls_.push_back(slot);
    } else {
        calls_.insert(std::ranges::lower_bound(calls_, id, {}, &Slot::id), slot);
    }
}

void CallTable::mark_written(std::uint64_t id) {
    const auto it = at(id);
    if (it != calls_.end()) calls_[static_cast<std::size_t>(it - calls_.begin())].entry.state = CallState::written;
}

const CallTable::Entry* CallTable::find(std::uint64_t id) const {
    const auto it = at(id);
    return it == calls_.end() ? nullptr : &it->entry;
}

CallTable::Entry CallTable::take(std::uint64_t id) {
    const auto it = at(id);
    if (it == calls_.end()) return {};
    const Entry entry = it->entry;
    calls_.erase(it);
    return entry;
}

std::vector<std::uint64_t> CallTable::ids() const {
    std::vector<std::uint64_t> all;
    all.reserve(calls_.size());
    for (const Slot& slot : calls_) all.push_back(slot.id);
    return all;
}

}  // namespace haive::mcp
