#include "connection/connection_meter.hpp"

#include "connection/connection_core.hpp"

namespace haive::mcp {

namespace {

DisconnectReason reason_of(const MachineEvent& event, const ChannelEvidence* evidence) {
    switch (event.type) {
        case EventType::connect:
        case EventType::disconnect:
        case EventType::reconnect: return DisconnectReason::user;
        case EventType::drain: return DisconnectReason::rotate;
        case EventType::probe_missed: return DisconnectReason::health;
        case EventType::session_lost: return DisconnectReason::session;
        default: break;
    }
    if (event.cause.kind == ErrorKind::protocol_violation) return DisconnectReason::protocol;
    if (event.cause.kind == ErrorKind::session_lost) return DisconnectReason::session;
    if (evidence != nullptr && (evidence->exit_code || evidence->exit_signal)) return DisconnectReason::exit;
    return event.cause.graceful ? DisconnectReason::peer : DisconnectReason::reset;
}

bool in_order(DisconnectReason reason) {
    return reason == DisconnectReason::user || reason == DisconnectReason::rotate;
}

/// Counts what is new since `seen`.
void count(Counter& counter, std::uint64_t now, std::uint64_t& seen) noexcept {
    if (now > seen) counter.add(now - seen);
    seen = now;
}

}  // namespace

ConnectionMeter::ConnectionMeter(ConnectionCore& core)
    : core_(core),
      metrics_(core.runtime().metrics() ? core.runtime().metrics()->server(core.metrics_name()) : nullptr) {
    if (metrics_) metrics_->attach(*this);
}

ConnectionMeter::~ConnectionMeter() {
    if (metrics_) metrics_->detach(*this);
}

ConnectionSample ConnectionMeter::sample() const noexcept {
    ConnectionSample out;
    const HealthReport report = core_.health();
    out.status = at(core_.status());
    out.score = report.score;
    out.liveness = report.factors.liveness;
    out.errors = report.factors.errors;
    out.streak = report.factors.streak;
    out.latency = report.factors.latency;
    out.breaker = report.factors.breaker;
    out.churn = report.factors.churn;
    const TimePoint since = up_since_.load(std::memory_order_relaxed);
    if (since != never) out.uptime = std::max(0.0, to_seconds(core_.runtime().loop().now() - since));
    return out;
}

void ConnectionMeter::stepped(const MachineEvent& event, Phase from, ConnectionStatus before,
                              const ChannelEvidence* evidence) {
    if (!metrics_) return;
    const TimePoint now = core_.runtime().loop().now();
    const Phase to = core_.phase();
    const bool was_up = before == ConnectionStatus::connected;
    const bool is_up = core_.machine_status() == ConnectionStatus::connected;

    if (was_up && !is_up) went_down(event, evidence, now);
    if (from != to && from == Phase::backoff && backoff_began_ != never) {
        if (auto* h = metrics_->histograms()) h->backoff_time.record(now - std::exchange(backoff_began_, never));
    }
    attempt_ended(event, now);
    if (from != to && to == Phase::backoff) backoff_began_ = now;
    // A renewed session is an attempt too, on a transport that is already open.
    if (from != to && (to == Phase::opening || (to == Phase::handshaking && from != Phase::opening))) {
        attempt_began_ = now;
        attempt_is_first_ = core_.machine_status() == ConnectionStatus::connecting;
    }
    if (!was_up && is_up) {
        up_since_.store(now, std::memory_order_relaxed);
        const TimePoint lost = std::exchange(outage_began_, never);
        if (auto* h = metrics_->histograms(); h != nullptr && lost != never) h->outage_time.record(now - lost);
    }
    if (core_.machine_status() == ConnectionStatus::disconnected) outage_began_ = never;  // nobody wants it up
}

void ConnectionMeter::went_down(const MachineEvent& event, const ChannelEvidence* evidence, TimePoint now) {
    const DisconnectReason reason = reason_of(event, evidence);
    metrics_->disconnections[at(reason)].add();
    const TimePoint since = up_since_.exchange(never, std::memory_order_relaxed);
    if (auto* h = metrics_->histograms(); h != nullptr && since != never) {
        h->session_duration[in_order(reason) ? 0 : 1].record(now - since);
    }
    if (!in_order(reason)) outage_began_ = now;
}

void ConnectionMeter::attempt_ended(const MachineEvent& event, TimePoint now) {
    const bool ok = event.type == EventType::handshake_ok;
    const bool failed = event.type == EventType::attempt_failed;
    if ((!ok && !failed) || attempt_began_ == never) return;
    const auto kind = at(attempt_is_first_ ? AttemptKind::connect : AttemptKind::reconnect);
    if (ok) {
        metrics_->attempts_ok[kind].add();
    } else {
        metrics_->attempts_bad[kind][at(event.cause.kind)].add();
    }
    const TimePoint began = std::exchange(attempt_began_, never);
    if (auto* h = metrics_->histograms()) h->create_time[ok ? 0 : 1].record(now - began);
}

void ConnectionMeter::probed(ProbeEnd end, Duration took) noexcept {
    if (!metrics_) return;
    if (auto* h = metrics_->histograms()) h->probe_duration[at(end)].record(took);
}

void ConnectionMeter::probes_skipped(std::uint64_t in_all) noexcept {
    if (metrics_) count(metrics_->probes_skipped, in_all, seen_skipped_);
}

void ConnectionMeter::saw(const ChannelEvidence& evidence, std::uint64_t generation) noexcept {
    if (!metrics_) return;
    evidence_at_ = core_.runtime().loop().now();
    if (generation < seen_generation_) return;  // the last look at one that was replaced
    if (generation != seen_generation_) {
        seen_generation_ = generation;
        seen_in_ = seen_out_ = seen_late_ = 0;
    }
    count(metrics_->io[0], evidence.bytes_in, seen_in_);
    count(metrics_->io[1], evidence.bytes_out, seen_out_);
    count(metrics_->late_responses, evidence.late_replies, seen_late_);
}

}  // namespace haive::mcp
