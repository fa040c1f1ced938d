#pragma once

#include "haive/mcp/observe/metrics.hpp"

#include <map>
#include <string>

namespace haive::mcp::testing {

/// A reading as `name{key=value,...}` -> number (of a histogram: how many), the server's name left out.
class ReadMetrics final : public MetricsReader {
public:
    explicit ReadMetrics(const Metrics& metrics) { metrics.read(*this); }

    void family(const MetricFamily& f) override { name_ = f.name; }
    void number(MetricLabels labels, double value) override { points[text_of(labels)] = value; }
    void histogram(MetricLabels labels, const Histogram::Reading& reading) override {
        points[text_of(labels)] = static_cast<double>(reading.count);
        sums[text_of(labels)] = reading.sum;
    }
    /// -1 where there is no such point.
    [[nodiscard]] double at(const std::string& point) const {
        const auto found = points.find(point);
        return found == points.end() ? -1 : found->second;
    }

    std::map<std::string, double> points;
    std::map<std::string, double> sums;

private:
    [[nodiscard]] std::string text_of(MetricLabels labels) const {
        std::string out;
        for (const auto& label : labels) {
            if (label.key == "mcp.server.name") continue;
            out += out.empty() ? "" : ",";
            out += std::string(label.key) + "=" + std::string(label.value);
        }
        return name_ + "{" + out + "}";
    }
    std::string name_;
};

}  // namespace haive::mcp::testing
