#pragma once

#include "haive/mcp/base/random.hpp"
#include "haive/mcp/base/time.hpp"

#include <cmath>
#include <cstddef>
#include <initializer_list>

namespace haive::mcp::chaos {

/// Everything that a simulation leaves to chance, from one seed.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::uint64_t next() { return random_.next(); }
    bool chance(double probability) { return random_.uniform() < probability; }
    int between(int least, int most) {
        return least + static_cast<int>(random_.next() % static_cast<std::uint64_t>(most - least + 1));
    }
    double between(double least, double most) { return least + (most - least) * random_.uniform(); }
    Duration between(Duration least, Duration most) {
        return least +
               Duration(static_cast<Duration::rep>(static_cast<double>((most - least).count()) * random_.uniform()));
    }
    /// As many small values as large ones: each order of magnitude is equally likely.
    Duration magnitude(Duration least, Duration most) {
        const double low = std::log(static_cast<double>(least.count()));
        const double high = std::log(static_cast<double>(most.count()));
        return Duration(static_cast<Duration::rep>(std::exp(between(low, high))));
    }
    template <class T>
    T pick(std::initializer_list<T> choices) {
        return choices.begin()[random_.next() % choices.size()];
    }

private:
    SplitMix random_;
};

}  // namespace haive::mcp::chaos
