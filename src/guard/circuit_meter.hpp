#pragma once

#include "guard/circuit_breaker.hpp"
#include "haive/mcp/observe/server_metrics.hpp"

#include <array>
#include <memory>

namespace haive::mcp {

/// What a circuit breaker tells the registry of metrics. Loop thread, but for construction and destruction.
class CircuitMeter {
public:
    /// Counts it as closed. `metrics` may not be null.
    explicit CircuitMeter(std::shared_ptr<ServerMetrics> metrics);
    /// It is in no state any more.
    ~CircuitMeter();
    CircuitMeter(const CircuitMeter&) = delete;
    CircuitMeter& operator=(const CircuitMeter&) = delete;

    /// Every change since the last look counts, also those that lie between.
    void shows(const CircuitBreaker& breaker) noexcept;

private:
    const std::shared_ptr<ServerMetrics> metrics_;
    CircuitState state_ = CircuitState::closed;
    std::array<std::uint64_t, 3> seen_{};
};

}  // namespace haive::mcp
