#pragma once

#include "haive/mcp/observe/instruments.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace haive::mcp {

enum class MetricType : std::uint8_t { counter, up_down_counter, gauge, histogram };

/// One metric of the registry, as exporters need to know it.
struct MetricFamily {
    std::string_view name;  ///< OpenTelemetry's, without the prefix: `connection.attempts`
    std::string_view unit;  ///< UCUM: `s`, `By`, `1`, `{attempt}`
    MetricType type = MetricType::counter;
    std::string_view help;
};

/// One attribute of a data point. Views live until the reader's function returns.
struct MetricLabel {
    std::string_view key;
    std::string_view value;
};
using MetricLabels = std::span<const MetricLabel>;

/// Takes what `Metrics::read` hands out: a family, then points of it; the same family again, then more of them; then
/// the next family.
class MetricsReader {
public:
    virtual ~MetricsReader() = default;
    virtual void family(const MetricFamily& family) = 0;
    virtual void number(MetricLabels labels, double value) = 0;
    virtual void histogram(MetricLabels labels, const Histogram::Reading& reading) = 0;
};

}  // namespace haive::mcp
