#pragma once

#include <algorithm>

namespace haive::mcp {

/// How many calls of a whole fleet may be in a second or third attempt at once: a fifth of what is in flight,
/// and always three. Shared by the connections of one manager; loop thread only.
class RetryCeiling {
public:
    [[nodiscard]] bool allows_retry() const noexcept {
        return retrying_ < std::max(least, static_cast<int>(share * in_flight_));
    }
    [[nodiscard]] int in_flight() const noexcept { return in_flight_; }
    [[nodiscard]] int retrying() const noexcept { return retrying_; }

    /// One call's place in the count, for as long as it lives. A null ceiling counts nothing.
    class Call {
    public:
        explicit Call(RetryCeiling* ceiling) noexcept : ceiling_(ceiling) {
            if (ceiling_ != nullptr) ++ceiling_->in_flight_;
        }
        ~Call() {
            if (ceiling_ == nullptr) return;
            --ceiling_->in_flight_;
            if (retrying_) --ceiling_->retrying_;
        }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        [[nodiscard]] bool may_retry() const noexcept {
            return ceiling_ == nullptr || retrying_ || ceiling_->allows_retry();
        }
        void retry() noexcept {
            if (ceiling_ == nullptr || retrying_) return;
            retrying_ = true;
            ++ceiling_->retrying_;
        }

    private:
        RetryCeiling* ceiling_;
        bool retrying_ = false;
    };

private:
    static constexpr int least = 3;
    static constexpr double share = 0.2;
    int in_flight_ = 0;
    int retrying_ = 0;
};

}  // namespace haive::mcp
