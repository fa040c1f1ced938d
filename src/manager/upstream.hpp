#pragma once

#include "client/signal.hpp"
#include "connection/connection_core.hpp"
#include "guard/breaker_caller.hpp"
#include "guard/circuit_meter.hpp"
#include "guard/hedge_caller.hpp"
#include "guard/limit_caller.hpp"
#include "guard/pacing_caller.hpp"
#include "haive/mcp/manager/upstream_info.hpp"
#include "haive/mcp/manager/upstream_options.hpp"
#include "manager/fleet.hpp"
#include "manager/listing.hpp"
#include "pool/pool_core.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace haive::mcp {

/// One named server of a manager: its connection, what stands before it, its lists, and when it is to be up.
/// Loop thread only, but for the functions marked otherwise.
class Upstream final : public std::enable_shared_from_this<Upstream>, private GuardWitness {
public:
    /// Only configures. Call `adopt` when the shared_ptr exists.
    Upstream(UpstreamConfig config, const Fleet& fleet);
    ~Upstream();
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;
    void adopt();

    /// Asks for leave to open and opens, if that was not asked for yet.
    void want(OpenPriority priority);
    /// Waits for the end of the start: usable and listed, or the first attempt failed.
    Task<Result<StartResult>> wait_started(TimePoint deadline);
    Task<Result<bool>> reconnect();
    /// No new calls; those under way have until `drain_until`, the server until `limit` to go.
    Task<Result<void>> retire(TimePoint drain_until, TimePoint limit);
    /// The times of a `retire` that is under way have become shorter.
    void hasten(TimePoint drain_until, TimePoint limit);
    /// At once, without anybody waiting.
    void abandon();

    static Task<Result<Reply>> call_on(std::shared_ptr<Upstream> self, Request request);

    [[nodiscard]] const UpstreamConfig& config() const noexcept { return config_; }
    [[nodiscard]] Listing& listing() noexcept { return *listing_; }
    [[nodiscard]] bool wanted() const noexcept { return wanted_; }
    [[nodiscard]] ServerOffer offer() const;
    /// Lists or status changed.
    std::function<void()> on_update;
    std::function<void(const Event&)> on_event;

    // Any thread.
    [[nodiscard]] const std::string& name() const noexcept { return config_.name; }
    [[nodiscard]] const std::shared_ptr<ConnectionCore>& core() const noexcept { return core_; }
    [[nodiscard]] Explanation explain() const;
    /// Of its pool; nothing without one.
    [[nodiscard]] std::optional<PoolStats> pool_stats() const;
    /// Without what the catalogue knows.
    [[nodiscard]] UpstreamInfo info() const;

private:
    class Use;
    void join_fleet(ConnectionCore& core) const;
    void open(std::unique_ptr<OpenTicket> leave);
    void fill_pool();
    void take_event(const Event& event);
    void on_up();
    void on_down();
    void show_guards();
    void watch_breaker();
    void rest_when_idle();
    [[nodiscard]] bool first_attempt_over() const;
    [[nodiscard]] bool usable() const noexcept { return core_->status() == ConnectionStatus::connected; }
    Error refusal(ErrorKind kind, const char* text, const Request& request);
    Error gone(const Request& request);
    void refused(const Request& request, ErrorKind kind) noexcept override;
    void held(int change) noexcept override;

    const UpstreamConfig config_;
    const Fleet fleet_;
    Loop& loop_;
    const std::shared_ptr<ConnectionCore> core_;
    std::shared_ptr<PoolCore> pool_;  // null: the one connection
    std::unique_ptr<HedgeCaller> hedge_;
    std::unique_ptr<BreakerCaller> breaker_;
    std::unique_ptr<CircuitMeter> circuit_meter_;  // null: nothing is measured
    std::unique_ptr<PacingCaller> pacing_;
    std::unique_ptr<LimitCaller> limit_;
    Caller* front_ = nullptr;
    std::unique_ptr<Listing> listing_;
    std::unique_ptr<OpenTicket> leave_;  // asked for, for the first attempt
    Signal changed_;
    Timer idle_timer_;
    std::unique_ptr<Timer> breaker_timer_;  // made when it first opens
    TimePoint wanted_since_{};
    TimePoint drain_until_ = never;  // once retired
    TimePoint retire_limit_ = never;
    std::uint64_t attempts_before_ = 0;  // failed ones, when it was asked for
    int uses_ = 0;
    bool wanted_ = false;
    bool up_ = false;
    bool pool_filled_ = false;
    bool retired_ = false;

    std::atomic<int> in_flight_{0};
    std::atomic<int> queued_{0};
    std::atomic<BreakerState> breaker_state_{BreakerState::closed};
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> hedged_{0};
};

}  // namespace haive::mcp
