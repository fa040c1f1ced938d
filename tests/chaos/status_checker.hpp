#pragma once

#include "chaos/chaos_wire.hpp"
#include "chaos/episode_model.hpp"
#include "connection/transition_table.hpp"
#include "haive/mcp/observe/event.hpp"

#include <optional>

namespace haive::mcp::chaos {

/// Watches the events of one connection object and compares each with the transition table, the rules of the
/// outage and the order of generations. It knows what users ask for and what the wire does, never the inside.
class StatusChecker {
public:
    StatusChecker(std::shared_ptr<Wire> wire, const ConnectionOptions& options);

    /// A user's operation is being carried out while this lives.
    class Asking {
    public:
        Asking(StatusChecker& checker, EventType what);
        ~Asking() { checker_.asked_ = before_; }
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;

    private:
        StatusChecker& checker_;
        std::optional<EventType> before_;
    };
    void on_status(const StatusEvent& event);
    void on_health(const HealthEvent& event);
    /// A call of the generation was answered.
    void on_answer(std::uint64_t generation) { answered_ = answered_ || generation == generation_; }
    /// Nothing ran in between: what was due then came late.
    void on_freeze(TimePoint until) { frozen_until_ = until; }

    [[nodiscard]] Phase phase() const noexcept { return phase_; }
    [[nodiscard]] bool connected() const noexcept {
        return phase_ == Phase::ready || phase_ == Phase::suspect || phase_ == Phase::draining;
    }
    /// An attempt is under way or will come by itself.
    [[nodiscard]] bool coming() const noexcept {
        return phase_ == Phase::opening || phase_ == Phase::handshaking || phase_ == Phase::backoff ||
               phase_ == Phase::gated;
    }
    [[nodiscard]] std::string_view status() const noexcept { return status_; }
    /// When the newest attempt began.
    [[nodiscard]] TimePoint attempt_at() const noexcept { return attempt_at_; }
    /// Since when an attempt is under way or coming.
    [[nodiscard]] TimePoint coming_since() const noexcept { return coming_since_; }

private:
    [[nodiscard]] EventType cause_of(Phase from, Phase to) const;
    [[nodiscard]] bool engine_active() const;
    void count(Phase from, EventType cause, Phase to);
    void check_episode(Phase from, EventType cause, Phase to, const StatusEvent& event);
    void check_generation(Phase to, const StatusEvent& event);
    void follow_wishes(Phase from, EventType cause, Phase to);

    const std::shared_ptr<Wire> wire_;
    const ConnectionOptions options_;
    EpisodeModel episode_;
    std::optional<EventType> asked_;
    Phase phase_ = Phase::idle;
    std::string_view status_ = "disconnected";
    std::uint64_t generation_ = 0;
    TimePoint since_;
    TimePoint coming_since_ = never;
    TimePoint attempt_at_{};
    TimePoint connected_since_ = never;
    TimePoint next_attempt_ = never;
    TimePoint frozen_until_{};
    int misses_ = 0;  ///< in a row
    bool answered_ = false;
    bool desired_ = false;
    bool was_connected_ = false;
    bool monitoring_ = false;
    bool woken_ = false;  ///< the attempt that is due or under way was asked for by a call
};

}  // namespace haive::mcp::chaos
