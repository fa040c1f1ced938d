#include "pool/pool_meter.hpp"

#include "haive/mcp/transport/runtime.hpp"

namespace haive::mcp {

namespace {

LeaseMode mode_of(PoolMode mode) noexcept {
    switch (mode) {
        case PoolMode::session: return LeaseMode::session;
        case PoolMode::exclusive: return LeaseMode::exclusive;
        case PoolMode::shared: break;
    }
    return LeaseMode::shared;
}

}  // namespace

PoolMeter::PoolMeter(Runtime& runtime, std::string_view name, const PoolLimits& limits)
    : metrics_(runtime.metrics() ? runtime.metrics()->server(name) : nullptr),
      max_(limits.max_size),
      min_idle_(limits.min_idle) {
    if (!metrics_) return;
    metrics_->has_pool = true;
    metrics_->pool_max.add(max_);
    metrics_->pool_idle_min.add(min_idle_);
}

PoolMeter::~PoolMeter() {
    if (!metrics_) return;
    metrics_->pool_max.add(-max_);
    metrics_->pool_idle_min.add(-min_idle_);
    shows(PoolPlan::Counts());
}

void PoolMeter::Wait::count(std::int64_t change) const noexcept {
    if (!metrics_) return;
    metrics_->pending.add(change);
    metrics_->active.add(change);
}

void PoolMeter::waited(PoolMode mode, Duration time) const noexcept {
    if (!metrics_) return;
    if (auto* h = metrics_->histograms()) h->wait_time[at(mode_of(mode))].record(time);
}

void PoolMeter::timed_out() const noexcept {
    if (metrics_) metrics_->pool_timeouts[at(PoolTimeoutReason::acquire)].add();
}

void PoolMeter::used(PoolMode mode, Duration time) const noexcept {
    if (!metrics_) return;
    if (auto* h = metrics_->histograms()) h->use_time[at(mode_of(mode))].record(time);
}

void PoolMeter::leaked() const noexcept {
    if (metrics_) metrics_->pool_leaks.add();
}

void PoolMeter::closed(const PoolPlan::Closing& closing) const noexcept {
    if (!metrics_) return;
    metrics_->pool_evictions[at(closing.why)].add();
    if (closing.cut > 0) {
        metrics_->pool_timeouts[at(PoolTimeoutReason::lease)].add(static_cast<std::uint64_t>(closing.cut));
    }
}

void PoolMeter::shows(const PoolPlan::Counts& counts) noexcept {
    if (!metrics_) return;
    level(MemberState::idle, counts.idle, idle_);
    level(MemberState::used, counts.used, used_);
    level(MemberState::draining, counts.draining, draining_);
}

void PoolMeter::level(MemberState state, int now, int& before) const noexcept {
    if (now != before) metrics_->members[at(state)].add(now - before);
    before = now;
}

}  // namespace haive::mcp
