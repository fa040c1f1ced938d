#pragma once

#include "haive/mcp/base/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace haive::mcp {

struct CircuitBreakerOptions {
    int failures_in_a_row = 5;  ///< and no success for `quiet`
    Seconds quiet{1};
    int least_calls = 10;  ///< of the window, before its ratio counts
    double failure_ratio = 0.5;
    Seconds window{60};
    Seconds first_pause{5};
    Seconds longest_pause{300};
    Seconds forget_after{60};  ///< closed for so long, one of the doublings is forgiven
    int trial_calls = 3;       ///< at most so many at once while half open, and so many successes close it
};

enum class BreakerState : std::uint8_t { closed, open, half_open };

[[nodiscard]] constexpr std::string_view to_string(BreakerState state) noexcept {
    switch (state) {
        case BreakerState::closed: return "closed";
        case BreakerState::open: return "open";
        case BreakerState::half_open: return "half_open";
    }
    return "closed";
}

/// When calls to one server are refused at once instead of failing slowly (K-1 to K-4).
///
/// Pure: time and chance come in. A call is `admit`ted and ends with exactly one of `succeeded`, `failed`, `left`,
/// given the admission's number: what was admitted in an earlier life of the breaker says nothing about this one,
/// so late failures neither prolong a pause nor reopen what has healed, and every place is given back however a call
/// ends. After a pause the first to come must probe the server; only an answered probe lets calls through.
class CircuitBreaker {
public:
    enum class Verdict : std::uint8_t { go, probe_first, refused };
    struct Admission {
        Verdict verdict = Verdict::go;
        std::uint64_t life = 0;
        Duration retry_after{};  ///< with `refused`
    };

    explicit CircuitBreaker(const CircuitBreakerOptions& options = CircuitBreakerOptions()) : options_(options) {}

    /// May a call go now? `probe_first`: the caller makes a probe and reports `probed`, then asks again.
    [[nodiscard]] Admission admit(TimePoint now);
    void succeeded(std::uint64_t life, TimePoint now);
    /// A failure of the transport; a tool's or a JSON-RPC error is a success of the server. `u` in [0, 1).
    void failed(std::uint64_t life, TimePoint now, double u);
    /// The call ended without saying anything about the server: cancelled, refused by ourselves, logged out.
    void left(std::uint64_t life);
    /// The probe of this life ended. Unanswered, the pause begins anew, longer.
    void probed(std::uint64_t life, bool answered, TimePoint now, double u);
    /// The server has just agreed to a handshake: as good as a probe.
    void proven_alive(TimePoint now);
    /// Other credentials or another configuration: what was learnt is void.
    void reset(TimePoint now);

    [[nodiscard]] BreakerState state() const noexcept { return state_; }
    /// Half open, and the probe was answered: nothing speaks against the server any more.
    [[nodiscard]] bool proven() const noexcept { return proven_; }
    /// While open: when the first probe may go.
    [[nodiscard]] std::optional<TimePoint> open_until() const noexcept {
        return state_ == BreakerState::open ? std::optional(until_) : std::nullopt;
    }
    /// How often each state was entered from another one.
    [[nodiscard]] const std::array<std::uint64_t, 3>& entered() const noexcept { return entered_; }

private:
    static constexpr int slices = 6;
    struct Slice {
        std::int64_t number = -1;
        int calls = 0;
        int failures = 0;
    };

    void enter(BreakerState next) noexcept;
    void open(TimePoint now, double u);
    void close(TimePoint now);
    void count(TimePoint now, bool failure);
    [[nodiscard]] bool too_many_failures(TimePoint now) const;
    void forgive(TimePoint now);
    [[nodiscard]] std::int64_t slice_at(TimePoint now) const noexcept;

    CircuitBreakerOptions options_;
    BreakerState state_ = BreakerState::closed;
    std::uint64_t life_ = 0;
    std::array<std::uint64_t, 3> entered_{};
    TimePoint until_{};
    TimePoint closed_since_{};
    std::optional<TimePoint> last_success_;
    TimePoint first_failure_{};
    int in_a_row_ = 0;
    int doublings_ = 0;
    bool probing_ = false;
    bool proven_ = false;
    int trials_ = 0;
    int trials_passed_ = 0;
    std::array<Slice, slices> window_{};
};

}  // namespace haive::mcp
