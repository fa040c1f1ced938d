#include "counted_allocations.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <execinfo.h>
#include <malloc.h>
#include <unistd.h>

namespace {

std::atomic<std::uint64_t> all_count{0};
std::atomic<std::uint64_t> all_bytes{0};
// Of the program itself, so that reading them never allocates.
[[gnu::tls_model("initial-exec")]] thread_local std::uint64_t own_count = 0;
[[gnu::tls_model("initial-exec")]] thread_local bool printing = false;

void print_stack() noexcept {
    printing = false;  // looking at a stack may allocate
    std::array<void*, 40> frames;
    const int depth = backtrace(frames.data(), static_cast<int>(frames.size()));
    backtrace_symbols_fd(frames.data() + 2, depth > 2 ? depth - 2 : 0, STDERR_FILENO);
    [[maybe_unused]] const auto written = write(STDERR_FILENO, "\n", 1);
    printing = true;
}

void count(std::size_t size) noexcept {
    ++own_count;
    all_count.fetch_add(1, std::memory_order_relaxed);
    all_bytes.fetch_add(size, std::memory_order_relaxed);
    if (printing) print_stack();
}

}  // namespace

// What glibc calls its own functions.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
    count(size);
    return __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) noexcept {
    count(n * size);
    return __libc_calloc(n, size);
}
void* realloc(void* block, std::size_t size) noexcept {
    count(size);
    return __libc_realloc(block, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    count(size);
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return memalign(alignment, size); }
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
    void* block = memalign(alignment, size);
    if (block == nullptr) return ENOMEM;
    *out = block;
    return 0;
}
}

namespace haive::bench {

AllocationCount allocations_so_far() noexcept {
    return {own_count, all_count.load(std::memory_order_relaxed), all_bytes.load(std::memory_order_relaxed)};
}

void print_allocations(bool on) noexcept {
    std::array<void*, 1> first;
    backtrace(first.data(), 1);  // the first use loads a library
    printing = on;
}

}  // namespace haive::bench
