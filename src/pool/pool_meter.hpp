#pragma once

#include "haive/mcp/observe/metrics.hpp"
#include "haive/mcp/pool/pool_options.hpp"
#include "pool/pool_plan.hpp"

#include <memory>
#include <string_view>

namespace haive::mcp {

class Runtime;

/// What a pool tells the registry of metrics, under its own name and not its members'. Without a registry every
/// function returns at once. Levels are added and taken back, never set: for a while, the pools of a server's old and
/// of its new entry share them. Loop thread, but for construction and destruction.
class PoolMeter {
public:
    PoolMeter(Runtime& runtime, std::string_view name, const PoolLimits& limits);
    ~PoolMeter();
    PoolMeter(const PoolMeter&) = delete;
    PoolMeter& operator=(const PoolMeter&) = delete;

    /// Where members are measured to; null where nothing is.
    [[nodiscard]] const std::shared_ptr<ServerMetrics>& metrics() const noexcept { return metrics_; }

    /// Somebody waits for a member while this lives.
    class Wait {
    public:
        explicit Wait(const PoolMeter& meter) noexcept : metrics_(meter.metrics_) { count(1); }
        ~Wait() { count(-1); }
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;

    private:
        void count(std::int64_t change) const noexcept;
        const std::shared_ptr<ServerMetrics> metrics_;
    };
    void waited(PoolMode mode, Duration time) const noexcept;
    void timed_out() const noexcept;
    void used(PoolMode mode, Duration time) const noexcept;
    void leaked() const noexcept;
    void closed(const PoolPlan::Closing& closing) const noexcept;
    void shows(const PoolPlan::Counts& counts) noexcept;

private:
    void level(MemberState state, int now, int& before) const noexcept;

    const std::shared_ptr<ServerMetrics> metrics_;
    const int max_;
    const int min_idle_;
    int idle_ = 0;  // as shown last
    int used_ = 0;
    int draining_ = 0;
};

}  // namespace haive::mcp
