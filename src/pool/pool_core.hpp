#pragma once

#include "client/signal.hpp"
#include "connection/connection_core.hpp"
#include "haive/mcp/pool/pool.hpp"
#include "pool/pool_meter.hpp"
#include "pool/pool_plan.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <unordered_map>

namespace haive::mcp {

/// What is behind an MCPPool, and behind a pooled server of a manager: a dull driver around the pure pool_plan.
/// Loop thread only, but for the functions marked otherwise.
class PoolCore final : public Caller, public std::enable_shared_from_this<PoolCore> {
public:
    using MemberId = PoolPlan::MemberId;
    /// Runs for each member before it is opened.
    using MemberHook = std::function<void(ConnectionCore&)>;

    PoolCore(std::string name, std::shared_ptr<MCPTransport> transport, const PoolOptions& options,
             ConnectionOptions connection, MemberHook hook = nullptr);
    ~PoolCore() override;

    /// Opens what is to be there from the start.
    void start() { pump(); }
    /// Takes in a connection that somebody else opens, keeps and closes, and reports as `adopted_changed` when its
    /// status does.
    void adopt(std::shared_ptr<ConnectionCore> core);
    void adopted_changed();
    void adopted_health(const HealthEvent& event);

    /// A lease, or why not.
    Task<Result<Lease>> acquire(AcquireOptions options, std::source_location taken_at,
                                std::shared_ptr<CancelSlot> cancel);
    /// One call on a lease of its own.
    Task<Result<Reply>> call(Request request) override;

    void suspend(bool suspended);
    void evict_all();
    /// The one of that name. False: there is none, or it belongs to somebody else.
    bool evict(std::string_view member);
    Task<Result<void>> drain(Duration patience, TimePoint limit);
    void abandon();

    // Any thread.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] Runtime& runtime() noexcept { return context_->runtime(); }
    [[nodiscard]] PoolStats stats() const;
    [[nodiscard]] Duration drain_timeout() const noexcept { return to_duration(options_.drain_timeout); }
    [[nodiscard]] std::shared_ptr<const SessionFacts> facts() const;
    /// What a pool's own client keeps: tools as listed through it, roots.
    [[nodiscard]] const std::shared_ptr<ClientContext>& context() const noexcept { return context_; }
    void set_roots(const std::vector<ClientRoot>& roots);

private:
    friend class Lease;
    class Waiter;
    struct Member {
        std::shared_ptr<ConnectionCore> core;
        bool adopted = false;
        TimePoint used_at{};
        std::uint64_t tools_revision = 0;
    };
    struct Grant {
        MemberId member = 0;
        TimePoint since{};
        std::shared_ptr<ConnectionCore> core;
    };

    void pump();
    void open(MemberId id);
    void close(const PoolPlan::Closing& closing);
    void report(MemberId id);
    void note(MemberId id, Member& member);
    void heed(MemberId id, bool healthy);
    [[nodiscard]] static MemberPhase state_of(const ConnectionCore& core);
    Task<Result<Grant>> grant(LeaseNeed need, TimePoint deadline, std::shared_ptr<CancelSlot> cancel);
    Task<Result<Grant>> tested_grant(LeaseNeed need, TimePoint deadline, std::shared_ptr<CancelSlot> cancel);
    void give_back(MemberId id, const LeaseNeed& need, std::optional<EvictionReason> evict, TimePoint since);
    void share_tools(Member& member);
    [[nodiscard]] bool wants_test(const LeaseNeed& need) const noexcept;
    [[nodiscard]] TimePoint patience(const std::optional<Seconds>& timeout) const;
    void publish();
    Error refusal(ErrorKind kind, std::string why) const;
    Error all_places_taken() const;
    void tell(std::string_view kind, std::string text);

    const std::string name_;
    const std::shared_ptr<MCPTransport> transport_;
    const PoolOptions options_;
    const ConnectionOptions connection_;
    const MemberHook hook_;
    std::shared_ptr<ClientContext> context_;
    Loop& loop_;
    PoolPlan plan_;
    PoolMeter meter_;
    Timer timer_;
    std::map<MemberId, Member> members_;
    std::unordered_map<PoolPlan::WaiterId, Waiter*> waiters_;
    PoolPlan::WaiterId next_waiter_ = 1;
    std::size_t closing_ = 0;
    Signal closed_;
    bool drained_ = false;

    mutable std::mutex mutex_;  // guards the rest
    PoolStats stats_;
    std::shared_ptr<const SessionFacts> facts_;
};

}  // namespace haive::mcp
