#include "guard/circuit_meter.hpp"

#include <utility>

namespace haive::mcp {

namespace {

CircuitState state_of(BreakerState state) noexcept {
    switch (state) {
        case BreakerState::open: return CircuitState::open;
        case BreakerState::half_open: return CircuitState::half_open;
        case BreakerState::closed: break;
    }
    return CircuitState::closed;
}

}  // namespace

CircuitMeter::CircuitMeter(std::shared_ptr<ServerMetrics> metrics) : metrics_(std::move(metrics)) {
    metrics_->has_circuit = true;
    metrics_->circuits[at(state_)].add();
}

CircuitMeter::~CircuitMeter() { metrics_->circuits[at(state_)].add(-1); }

void CircuitMeter::shows(const CircuitBreaker& breaker) noexcept {
    const CircuitState now = state_of(breaker.state());
    if (now != state_) {
        metrics_->circuits[at(state_)].add(-1);
        metrics_->circuits[at(now)].add();
        state_ = now;
    }
    for (const BreakerState each : {BreakerState::closed, BreakerState::open, BreakerState::half_open}) {
        const std::uint64_t entered = breaker.entered()[static_cast<std::size_t>(each)];
        std::uint64_t& seen = seen_[static_cast<std::size_t>(each)];
        if (entered != seen) metrics_->circuit_transitions[at(state_of(each))].add(entered - seen);
        seen = entered;
    }
}

}  // namespace haive::mcp
