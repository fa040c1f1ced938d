#pragma once

#include <cstddef>

namespace haive::mcp::detail {

/// Memory of coroutine frames. A call passes half a dozen of them, each for microseconds and most larger
/// than what malloc keeps at hand, so each thread keeps the last few of each size. Any thread may give back
/// what another took. With AddressSanitizer it is plain operator new, so that nothing is hidden from it.
[[nodiscard]] void* take_frame(std::size_t size);
void give_frame(void* frame, std::size_t size) noexcept;

/// Base of promises whose frames come from the pool.
struct PooledFrame {
    static void* operator new(std::size_t size) { return take_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { give_frame(frame, size); }
};

}  // namespace haive::mcp::detail
