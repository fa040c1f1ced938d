#pragma once

#include <cstddef>
#include <vector>

namespace haive::bench {

/// Zero for none.
[[nodiscard]] double median_of(std::vector<double> values);
/// Bytes allocated from the heap now, the allocator's own overhead included.
[[nodiscard]] std::size_t heap_bytes();

}  // namespace haive::bench
