#pragma once

#include "connection/connection_machine.hpp"
#include "haive/mcp/connection/connection_status.hpp"
#include "haive/mcp/observe/call_observer.hpp"
#include "haive/mcp/observe/metrics.hpp"
#include "haive/mcp/transport/channel.hpp"

#include <atomic>
#include <memory>
#include <string_view>

namespace haive::mcp {

class ConnectionCore;

/// What a connection tells the registry of metrics: a translator from the machine's steps to instruments.
///
/// Without a registry every function returns at once. Loop thread, but for `sample`. It is the last member of
/// the core, so that nobody asks a connection that is half gone.
class ConnectionMeter final : private MetricsSource {
public:
    /// `metrics`: where to, or null: by the connection's name.
    ConnectionMeter(ConnectionCore& core, std::shared_ptr<ServerMetrics> metrics);
    ~ConnectionMeter() override;
    ConnectionMeter(const ConnectionMeter&) = delete;
    ConnectionMeter& operator=(const ConnectionMeter&) = delete;

    [[nodiscard]] ServerMetrics* metrics() const noexcept { return metrics_.get(); }
    [[nodiscard]] const std::shared_ptr<ServerMetrics>& shared_metrics() const noexcept { return metrics_; }

    /// The machine took a step that was not stale; `evidence` is the newest of the channel it was about.
    void stepped(const MachineEvent& event, Phase from, ConnectionStatus before, const ChannelEvidence* evidence);
    void stale() noexcept {
        if (metrics_) metrics_->stale_events.add();
    }
    /// The next orderly end is a pool's doing and not the user's.
    void rotates() noexcept { rotates_ = true; }
    void probed(ProbeEnd end, Duration took) noexcept;
    void probes_skipped(std::uint64_t in_all) noexcept;
    void health_changed(bool healthy) noexcept {
        if (metrics_) metrics_->health_changes[healthy ? 0 : 1].add();
    }
    /// The counts of a channel, which begin at zero with each generation.
    void saw(const ChannelEvidence& evidence, std::uint64_t generation) noexcept;
    /// Whether the evidence is so old that it is worth a look during a call.
    [[nodiscard]] bool wants_evidence(TimePoint now) const noexcept {
        return metrics_ && now - evidence_at_ > std::chrono::seconds(1);
    }

private:
    [[nodiscard]] ConnectionSample sample() const noexcept override;
    void went_down(const MachineEvent& event, const ChannelEvidence* evidence, TimePoint now);
    void attempt_ended(const MachineEvent& event, TimePoint now);

    ConnectionCore& core_;
    const std::shared_ptr<ServerMetrics> metrics_;
    TimePoint attempt_began_ = never;
    bool attempt_is_first_ = true;
    bool rotates_ = false;
    TimePoint backoff_began_ = never;
    TimePoint outage_began_ = never;
    std::atomic<TimePoint> up_since_{never};  // read by whoever reads metrics
    // What the channel had counted when it was looked at last.
    std::uint64_t seen_generation_ = 0;
    std::uint64_t seen_in_ = 0;
    std::uint64_t seen_out_ = 0;
    std::uint64_t seen_late_ = 0;
    std::uint64_t seen_skipped_ = 0;
    TimePoint evidence_at_{};
};

}  // namespace haive::mcp
