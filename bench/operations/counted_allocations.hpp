#pragma once

#include <cstdint>

/// Counts what a program takes from the heap. One that links `counted_allocations.cpp` has a `malloc` family that
/// counts, for C and C++ code and shared libraries alike; not under a sanitizer, which has its own.
namespace haive::bench {

struct AllocationCount {
    std::uint64_t own_thread = 0;
    std::uint64_t all_threads = 0;
    std::uint64_t bytes = 0;  ///< asked for, all threads

    AllocationCount operator-(const AllocationCount& earlier) const noexcept {
        return {own_thread - earlier.own_thread, all_threads - earlier.all_threads, bytes - earlier.bytes};
    }
};

/// Since the program began; `realloc` counts as one. Any thread.
[[nodiscard]] AllocationCount allocations_so_far() noexcept;

/// From now on each allocation of the calling thread prints its stack to stderr, or no longer does.
void print_allocations(bool on) noexcept;

}  // namespace haive::bench
