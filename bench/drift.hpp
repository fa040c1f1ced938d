#pragma once

#include <vector>

namespace haive::bench {

/// Zero for none.
[[nodiscard]] double median_of(std::vector<double> values);

/// How a series that should stay flat moved, from its first third to its last.
struct Drift {
    double lowest = 0;
    double highest = 0;
    double first = 0;       ///< median of the first third
    double last = 0;        ///< and of the last
    double by_medians = 0;  ///< (last - first) / first, in percent
    double by_fit = 0;      ///< the fitted line's rise over the whole series / its mean, in percent
};
/// Samples at even distances. All zero for fewer than three.
[[nodiscard]] Drift drift_of(const std::vector<double>& samples);

}  // namespace haive::bench
