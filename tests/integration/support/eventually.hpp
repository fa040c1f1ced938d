#pragma once

#include <chrono>
#include <poll.h>

namespace haive::mcp::testing {

using namespace std::chrono_literals;

using SteadyTime = std::chrono::steady_clock::time_point;

/// True as soon as `condition()` is; false when it was not in time. For what gives no event of its own (/proc).
template <class Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds limit = 10s) {
    const SteadyTime until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        if (condition()) return true;
        if (std::chrono::steady_clock::now() >= until) return condition();
        poll(nullptr, 0, 2);  // /proc has no event to wait for
    }
}

/// How long an action takes.
template <class Action>
std::chrono::milliseconds time_of(Action&& action) {
    const SteadyTime began = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

}  // namespace haive::mcp::testing
