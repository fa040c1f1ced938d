#pragma once

#include <cstddef>
#include <sys/types.h>

namespace haive::bench {

/// What this process holds at one moment.
struct ProcessFacts {
    double rss_kib = 0;
    double heap_kib = 0;  ///< as malloc counts what is in use
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    std::size_t children = 0;  ///< and theirs, the dead that nobody reaped included
};
[[nodiscard]] ProcessFacts facts_of_this_process();

}  // namespace haive::bench
