#pragma once

#include "haive/mcp/base/time.hpp"

namespace haive::mcp {

struct RetryBudgetOptions {
    double capacity = 10.0;
    double per_success = 0.1;
    double per_second = 0.1;
};

/// How many retries one server may be asked to bear: a bucket of tokens, full at first.
/// Retries are allowed only while more than half of it is left, so that a server in trouble gets a
/// tenth more load and not three times as much. Pure; filled lazily with `now`.
class RetryBudget {
public:
    explicit RetryBudget(TimePoint now, const RetryBudgetOptions& options = {}) noexcept;

    [[nodiscard]] double tokens(TimePoint now) const noexcept;
    [[nodiscard]] bool allows_retry(TimePoint now) const noexcept;
    /// Takes the cost of a retry that was allowed; not below empty.
    void spend(TimePoint now, double cost) noexcept;
    /// A call succeeded at its first attempt.
    void first_time_success(TimePoint now) noexcept;

private:
    void refill(TimePoint now) noexcept;

    RetryBudgetOptions options_;
    double tokens_;
    TimePoint filled_at_;
};

}  // namespace haive::mcp
