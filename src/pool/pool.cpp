#include "haive/mcp/pool/pool.hpp"

#include "connection/options_check.hpp"
#include "pool/pool_core.hpp"
#include "pool/pool_options_check.hpp"

#include <stdexcept>

namespace haive::mcp {

namespace {

/// The typed face of a pool.
class PoolClient final : public MCPClient {
public:
    PoolClient(std::shared_ptr<PoolCore> pool, std::string asker, std::string affinity)
        : MCPClient(pool->context(), std::make_shared<AskingCaller>(pool, std::move(asker), std::move(affinity))),
          pool_(std::move(pool)) {}

    std::shared_ptr<const SessionFacts> facts() const override { return pool_->facts(); }
    bool is_connected() const noexcept override {
        const PoolStats stats = pool_->stats();
        return stats.total > stats.opening + stats.failed + stats.draining;
    }
    Async<void> close() override {
        auto done = []() -> Task<Result<void>> { co_return Result<void>(); };
        return start<void>(context_->runtime().loop(), done());
    }
    void set_roots(std::vector<ClientRoot> roots) override { pool_->set_roots(roots); }

private:
    /// Says who calls.
    class AskingCaller final : public Caller {
    public:
        AskingCaller(std::shared_ptr<PoolCore> pool, std::string asker, std::string affinity)
            : pool_(std::move(pool)), asker_(std::move(asker)), affinity_(std::move(affinity)) {}
        Task<Result<Reply>> call(Request request) override {
            request.asker = asker_;
            request.affinity = affinity_;
            return pool_->call(std::move(request));
        }

    private:
        std::shared_ptr<PoolCore> pool_;
        std::string asker_;
        std::string affinity_;
    };

    Task<Result<Duration>> probe(Duration limit) override { return probe_of(pool_, limit); }
    static Task<Result<Duration>> probe_of(std::shared_ptr<PoolCore> pool, Duration limit) {
        AcquireOptions options;
        options.timeout = Seconds(limit);
        auto lease = co_await pool->acquire(std::move(options), std::source_location::current(), nullptr);
        if (lease.has_error()) co_return lease.error();
        auto answered = co_await lease->client()->ping(Seconds(limit)).as_result();
        co_return answered;
    }

    std::shared_ptr<PoolCore> pool_;
};

std::shared_ptr<PoolCore> make_core(std::string name, const MCPTransport& transport, const PoolOptions& options,
                                    ConnectionOptions connection) {
    if (name.empty()) throw std::invalid_argument("haive::mcp: a pool needs a name");
    auto core = std::make_shared<PoolCore>(std::move(name), transport.clone(), options, checked(std::move(connection)));
    core->runtime().loop().dispatch([core] { core->start(); });
    return core;
}

template <class Work>
Async<void> on_loop(const std::shared_ptr<PoolCore>& core, Work work) {
    auto task = [](std::shared_ptr<PoolCore> pool, Work what) -> Task<Result<void>> {
        what(*pool);
        co_return Result<void>();
    };
    return start<void>(core->runtime().loop(), task(core, std::move(work)));
}

}  // namespace

MCPPool::MCPPool(std::string name, const MCPTransport& transport, PoolOptions options, ConnectionOptions connection)
    : core_(make_core(std::move(name), transport, options, std::move(connection))) {}

MCPPool::MCPPool(MCPPool&&) noexcept = default;
MCPPool& MCPPool::operator=(MCPPool&& other) noexcept {
    std::swap(core_, other.core_);
    return *this;
}

MCPPool::~MCPPool() {
    if (!core_) return;
    Loop& loop = core_->runtime().loop();
    loop.dispatch([core = std::move(core_)] { core->abandon(); });
}

Async<Lease> MCPPool::acquire(AcquireOptions options, std::source_location taken_at) {
    if (options.timeout) check_time(*options.timeout, "acquire timeout");
    auto slot = std::make_shared<CancelSlot>();
    Loop& loop = core_->runtime().loop();
    auto state = std::make_shared<detail::AsyncState<Lease>>(&loop);
    state->on_cancel = [slot] { slot->request(); };
    auto work = detail::owned<Lease>(core_, core_->acquire(std::move(options), taken_at, slot));
    loop.dispatch(
        [task = std::move(work), state]() mutable { detail::run_into<Lease>(std::move(task), std::move(state)); });
    return Async<Lease>(std::move(state));
}

std::shared_ptr<MCPClient> MCPPool::client(std::string asker, std::string affinity) {
    return std::make_shared<PoolClient>(core_, std::move(asker), std::move(affinity));
}

Async<void> MCPPool::suspend() {
    return on_loop(core_, [](PoolCore& pool) { pool.suspend(true); });
}

Async<void> MCPPool::resume() {
    return on_loop(core_, [](PoolCore& pool) { pool.suspend(false); });
}

Async<void> MCPPool::evict() {
    return on_loop(core_, [](PoolCore& pool) { pool.evict_all(); });
}

Async<bool> MCPPool::evict(std::string member) {
    auto work = [](std::shared_ptr<PoolCore> pool, std::string name) -> Task<Result<bool>> {
        const bool goes = pool->evict(name);
        co_return goes;
    };
    return start<bool>(core_->runtime().loop(), work(core_, std::move(member)));
}

Async<void> MCPPool::drain() {
    auto work = [](std::shared_ptr<PoolCore> pool) -> Task<Result<void>> {
        auto done = co_await pool->drain(pool->drain_timeout(), never);
        co_return done;
    };
    return start<void>(core_->runtime().loop(), work(core_));
}

Async<void> MCPPool::close(Seconds limit) {
    check_time(limit, "close limit");
    auto work = [](std::shared_ptr<PoolCore> pool, Duration within) -> Task<Result<void>> {
        constexpr Duration moment = std::chrono::seconds(2);
        const TimePoint end = saturating_add(pool->runtime().loop().now(), within);
        auto done = co_await pool->drain(std::min(moment, within / 4), end);
        co_return done;
    };
    return start<void>(core_->runtime().loop(), work(core_, to_duration(limit)));
}

PoolStats MCPPool::stats() const { return core_->stats(); }

const std::string& MCPPool::name() const noexcept { return core_->name(); }

}  // namespace haive::mcp
