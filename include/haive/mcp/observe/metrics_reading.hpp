#pragma once

#include "haive/mcp/observe/metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace haive::mcp {

/// One reading of a registry in pieces, for those who pass it on bit by bit: of ten thousand servers, the text alone is
/// a hundred megabytes.
///
/// Levels of connections are as they were when it began, counters as they are when their piece is handed out. One
/// thread at a time; the registry must outlive it.
class MetricsReading {
public:
    explicit MetricsReading(const Metrics& metrics);
    ~MetricsReading();
    MetricsReading(const MetricsReading&) = delete;
    MetricsReading& operator=(const MetricsReading&) = delete;

    /// Hands the points of a few servers in one family to `reader`. A family's pieces come in a row, each begun by
    /// `family`. False: that was the last piece; do not call it again.
    bool next(MetricsReader& reader);

    struct Row;

private:
    std::vector<Row> rows_;
    const std::int64_t gated_;
    std::size_t family_ = 0;
    std::size_t row_ = 0;
};

}  // namespace haive::mcp
