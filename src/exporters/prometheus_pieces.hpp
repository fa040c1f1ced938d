#pragma once

#include "haive/mcp/observe/metrics_reading.hpp"

#include <string>
#include <string_view>

namespace haive::mcp {

/// A registry's text in the Prometheus format, in pieces of whole lines. The registry must outlive it.
class PrometheusPieces final : private MetricsReader {
public:
    explicit PrometheusPieces(const Metrics& metrics);

    /// Appends what comes next, `enough` bytes and a little more. False: there was nothing left.
    bool append(std::string& out, std::size_t enough);

private:
    void family(const MetricFamily& family) override;
    void number(MetricLabels labels, double value) override;
    void histogram(MetricLabels labels, const Histogram::Reading& reading) override;
    void begin_family();
    void take(MetricLabels labels);
    void line(std::string_view suffix, double value);

    const std::string& prefix_;
    MetricsReading reading_;
    std::string* out_ = nullptr;  // while appending
    std::string_view family_;     // as the registry calls it; static text
    std::string name_;
    std::string head_;
    std::string labels_;
    std::string bucket_;
    bool done_ = false;
};

}  // namespace haive::mcp
