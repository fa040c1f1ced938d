#pragma once

#include "client/signal.hpp"
#include "guard/circuit_breaker.hpp"
#include "guard/guard_witness.hpp"
#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/base/random.hpp"
#include "haive/mcp/protocol/caller.hpp"

#include <functional>
#include <memory>
#include <string>

namespace haive::mcp {

/// Refuses calls at once while the server is known to fail (K-1 to K-4). A refusal is `circuit_open`, not_sent, and
/// says when to come back. After a pause the server is probed first: no user's call is the canary. The probe has its
/// own time; a call that finds it due waits for it as long as it may, and no longer.
/// Loop thread only; must outlive its calls.
class BreakerCaller final : public Caller {
public:
    /// One probe of the protocol, at most so long; it wakes a connection that is down.
    using Prober = std::function<Task<Result<Duration>>(Duration limit)>;

    BreakerCaller(std::string server, Caller& inner, Prober prober, Loop& loop, Random& random,
                  const CircuitBreakerOptions& options = CircuitBreakerOptions())
        : server_(std::move(server)),
          inner_(inner),
          prober_(std::move(prober)),
          loop_(loop),
          random_(random),
          breaker_(options) {}

    ~BreakerCaller() override { *alive_ = false; }
    BreakerCaller(const BreakerCaller&) = delete;
    BreakerCaller& operator=(const BreakerCaller&) = delete;

    Task<Result<Reply>> call(Request request) override;
    /// Makes the probe that is due, if one is: a server is found well again although nobody calls it.
    void look();
    /// Runs when a probe has ended.
    std::function<void()> on_probed;
    GuardWitness* witness = nullptr;  ///< may be null; must outlive the calls

    [[nodiscard]] CircuitBreaker& breaker() noexcept { return breaker_; }
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

private:
    detail::Detached probe(std::uint64_t life);
    Error refusal(const CircuitBreaker::Admission& admission, const Request& request);

    const std::string server_;
    Caller& inner_;
    Prober prober_;
    Loop& loop_;
    Random& random_;
    CircuitBreaker breaker_;
    Signal probed_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::string last_failure_;
    std::uint64_t refused_ = 0;
};

}  // namespace haive::mcp
