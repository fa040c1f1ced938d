#pragma once

#include "haive/mcp/base/time.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace haive::mcp {

/// Counts up and never down. Any thread, no lock.
class Counter {
public:
    void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// A whole number that goes up and down: calls in flight, connections of a pool. Any thread, no lock.
class UpDownCounter {
public:
    void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    void set(std::int64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

/// A level that is set. Any thread, no lock.
class Gauge {
public:
    void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
    [[nodiscard]] double value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<double> value_{0};
};

/// Durations in the buckets that the OpenTelemetry conventions name for MCP. Any thread, no lock.
///
/// A reading that meets a recording may lack its newest value in one of the parts; the count is always the
/// sum of the buckets.
class Histogram {
public:
    /// Upper bounds in seconds, each included in its bucket; above the last comes one more bucket.
    static constexpr std::array<double, 14> bounds{.01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30, 60, 120, 300};

    struct Reading {
        std::array<std::uint64_t, bounds.size() + 1> buckets{};  ///< not cumulative
        std::uint64_t count = 0;
        double sum = 0;  ///< seconds
    };

    void record(Duration elapsed) noexcept {
        if (elapsed < Duration::zero()) elapsed = Duration::zero();
        const double seconds = to_seconds(elapsed);
        std::size_t bucket = 0;
        while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
        buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
        const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count();
        sum_.fetch_add(static_cast<std::uint64_t>(nanoseconds), std::memory_order_relaxed);
    }

    [[nodiscard]] Reading read() const noexcept {
        Reading out;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            out.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
            out.count += out.buckets[i];
        }
        out.sum = static_cast<double>(sum_.load(std::memory_order_relaxed)) * 1e-9;
        return out;
    }

private:
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_{};
    std::atomic<std::uint64_t> sum_{0};  // nanoseconds: enough for five centuries of waiting
};

}  // namespace haive::mcp
