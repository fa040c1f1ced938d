#include "drift.hpp"

#include <algorithm>
#include <cstddef>

namespace haive::bench {

double median_of(std::vector<double> values) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[values.size() / 2];
}

Drift drift_of(const std::vector<double>& samples) {
    Drift out;
    const std::size_t n = samples.size();
    if (n < 3) return out;
    const auto third = static_cast<std::ptrdiff_t>(n / 3);
    out.lowest = std::ranges::min(samples);
    out.highest = std::ranges::max(samples);
    out.first = median_of({samples.begin(), samples.begin() + third});
    out.last = median_of({samples.end() - third, samples.end()});
    out.by_medians = out.first == 0 ? 0 : (out.last - out.first) / out.first * 100;
    double mean = 0;
    for (const double each : samples) mean += each / static_cast<double>(n);
    double up = 0;
    double down = 0;
    const double middle = static_cast<double>(n - 1) / 2;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = static_cast<double>(i) - middle;
        up += x * (samples[i] - mean);
        down += x * x;
    }
    out.by_fit = mean == 0 ? 0 : up / down * static_cast<double>(n - 1) / mean * 100;
    return out;
}

}  // namespace haive::bench
