#include "timers.hpp"

#include <algorithm>

namespace builtin {

int Timers::wait_ms() const {
    if (due_.empty()) return -1;
    constexpr std::chrono::milliseconds longest = std::chrono::minutes(1);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - Clock::now());
    return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), longest).count());
}

void Timers::run_due() {
    while (!due_.empty() && due_.begin()->first <= Clock::now()) {
        auto work = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        work();
    }
}

}  // namespace builtin
