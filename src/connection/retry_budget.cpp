#include "connection/retry_budget.hpp"

#include <algorithm>

namespace haive::mcp {

RetryBudget::RetryBudget(TimePoint now, const RetryBudgetOptions& options) noexcept
    : options_(options), tokens_(options.capacity), filled_at_(now) {}

double RetryBudget::tokens(TimePoint now) const noexcept {
    if (now <= filled_at_) return tokens_;
    return std::min(options_.capacity, tokens_ + options_.per_second * to_seconds(now - filled_at_));
}

bool RetryBudget::allows_retry(TimePoint now) const noexcept { return tokens(now) > options_.capacity / 2; }

void RetryBudget::spend(TimePoint now, double cost) noexcept {
    refill(now);
    tokens_ = std::max(0.0, tokens_ - cost);
}

void RetryBudget::first_time_success(TimePoint now) noexcept {
    refill(now);
    tokens_ = std::min(options_.capacity, tokens_ + options_.per_success);
}

void RetryBudget::refill(TimePoint now) noexcept {
    tokens_ = tokens(now);
    filled_at_ = std::max(filled_at_, now);
}

}  // namespace haive::mcp
