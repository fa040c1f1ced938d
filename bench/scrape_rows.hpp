#pragma once

#include <cstddef>

namespace haive::bench {

/// What a Prometheus server waits for: from connecting to the last byte of the answer.
struct ScrapeCost {
    double median_ms = 0;
    double least_ms = 0;
    double most_ms = 0;
    std::size_t bytes = 0;  ///< of one answer, its head included
};

/// Whole HTTP scrapes of a MetricsEndpoint with so many servers, each of which has points in every family.
ScrapeCost scrape_cost(int servers, int repetitions);

}  // namespace haive::bench
