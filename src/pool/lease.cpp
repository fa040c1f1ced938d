#include "connection/connection_client.hpp"
#include "haive/mcp/pool/pool.hpp"
#include "pool/pool_core.hpp"

#include <utility>

namespace haive::mcp {

/// What a lease holds, on the loop's thread but for its construction and destruction.
struct Lease::Held {
    /// Reports a lease that is held for too long, once, and when it comes back after all (P-10).
    /// Made, looked at and destroyed on the loop's thread.
    struct Watch {
        Watch(PoolCore& core, std::string taken_at, Duration threshold)
            : place(std::move(taken_at)), timer(core.loop_, [this, &core, threshold] { report(core, threshold); }) {
            timer.arm(core.loop_.now() + threshold);
        }
        void report(PoolCore& core, Duration threshold) {
            reported = true;
            {
                std::lock_guard lock(core.mutex_);
                ++core.stats_.leaks;
            }
            if (core.metrics_) core.metrics_->pool_leaks.add();
            core.tell("lease_leak", "a lease is held for more than " +
                                        std::to_string(static_cast<long>(to_seconds(threshold))) +
                                        " s; it was taken at " + place);
        }
        const std::string place;
        bool reported = false;
        Timer timer;
    };

    std::shared_ptr<PoolCore> pool;
    PoolPlan::MemberId member = 0;
    LeaseNeed need;
    TimePoint since{};
    std::unique_ptr<Watch> watch;

    void back(bool discard) {
        auto& loop = pool->loop_;
        loop.dispatch([pool = std::move(pool), member = member, need = std::move(need), watch = std::move(watch),
                       since = since, discard]() mutable {
            if (watch && watch->reported) {
                pool->tell("lease_returned", "the lease taken at " + watch->place + " came back");
            }
            watch.reset();
            pool->give_back(member, need, discard, since);
        });
    }
};

Lease::Lease() noexcept = default;
Lease::Lease(Lease&& other) noexcept = default;

Lease& Lease::operator=(Lease&& other) noexcept {
    std::swap(client_, other.client_);
    std::swap(held_, other.held_);
    return *this;
}

Lease::~Lease() { release(); }

void Lease::release() noexcept {
    client_.reset();
    if (auto held = std::move(held_)) held->back(false);
}

void Lease::discard() noexcept {
    client_.reset();
    if (auto held = std::move(held_)) held->back(true);
}

Task<Result<Lease>> PoolCore::acquire(AcquireOptions options, std::source_location taken_at,
                                      std::shared_ptr<CancelSlot> cancel) {
    auto keep = shared_from_this();
    LeaseNeed need;
    need.asker = std::move(options.asker);
    need.affinity = std::move(options.affinity);
    need.exclusive = options.exclusive;
    const bool alone = need.exclusive || plan_.limits().mode == PoolMode::exclusive;
    auto got = co_await tested_grant(need, patience(options.timeout), cancel);
    if (got.has_error()) co_return got.error();
    Lease lease;
    lease.client_ = got->core->client();
    lease.held_ = std::make_unique<Lease::Held>();
    lease.held_->pool = keep;
    lease.held_->member = got->member;
    lease.held_->since = got->since;
    lease.held_->need = std::move(need);
    const Duration threshold = to_duration(options_.leak_threshold);
    if (alone && threshold > Duration::zero()) {
        std::string file = taken_at.file_name();
        file = file.substr(file.find_last_of('/') + 1) + ':' + std::to_string(taken_at.line()) + " (" +
               taken_at.function_name() + ')';
        lease.held_->watch = std::make_unique<Lease::Held::Watch>(*this, std::move(file), threshold);
    }
    co_return std::move(lease);
}

}  // namespace haive::mcp
