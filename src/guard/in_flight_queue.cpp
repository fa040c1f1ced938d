#include "guard/in_flight_queue.hpp"

#include <algorithm>

namespace haive::mcp {

InFlightQueue::Entry InFlightQueue::enter(Number number, std::string_view asker) {
    if (in_flight_ < limit_ && waiting_ == 0) {
        ++in_flight_;
        return Entry::go;
    }
    if (waiting_ >= bound_) return Entry::full;
    auto found = by_asker_.find(asker);
    if (found == by_asker_.end()) {
        lines_.push_back(Line{std::string(asker), {}});
        found = by_asker_.emplace(std::string(asker), std::prev(lines_.end())).first;
    }
    found->second->numbers.push_back(number);
    ++waiting_;
    return Entry::wait;
}

bool InFlightQueue::withdraw(Number number, std::string_view asker) {
    const auto found = by_asker_.find(asker);
    if (found == by_asker_.end()) return false;
    auto& numbers = found->second->numbers;
    const auto at = std::ranges::find(numbers, number);
    if (at == numbers.end()) return false;
    numbers.erase(at);
    --waiting_;
    if (numbers.empty()) drop(found->second);
    return true;
}

std::optional<InFlightQueue::Number> InFlightQueue::leave() {
    if (lines_.empty()) {
        --in_flight_;
        return std::nullopt;
    }
    const auto line = lines_.begin();
    const Number next = line->numbers.front();
    line->numbers.pop_front();
    --waiting_;
    if (line->numbers.empty()) {
        drop(line);
    } else {
        lines_.splice(lines_.end(), lines_, line);
    }
    return next;
}

void InFlightQueue::drop(Lines::iterator line) {
    by_asker_.erase(line->asker);
    lines_.erase(line);
}

}  // namespace haive::mcp
