#pragma once

#include <cstddef>
#include <cstdint>

namespace haive::mcp {

/// Where every random number of the library comes from, so that a test can choose them.
/// Not for secrets. Used from the loop's thread only.
class Random {
public:
    virtual ~Random() = default;
    virtual std::uint64_t next() = 0;

    /// Uniform in [0, 1).
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
};

/// SplitMix64 (Steele, Lea, Flood 2014): tiny state, good enough for jitter, the same on every machine.
class SplitMix final : public Random {
public:
    explicit SplitMix(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t next() override {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

/// A seed from the operating system.
[[nodiscard]] std::uint64_t os_seed();

/// FNV-1a: gives each name its own, stable phase and generator (B-2, H-11).
[[nodiscard]] constexpr std::uint64_t stable_hash(const char* data, std::size_t size) noexcept {
    std::uint64_t h = 0xcbf29ce484222325ULL;
    for (std::size_t i = 0; i < size; ++i) h = (h ^ static_cast<unsigned char>(data[i])) * 0x100000001b3ULL;
    return h;
}

}  // namespace haive::mcp
