// What the rest of the world gets to see of a connection: snapshots and events.
#include "connection/connection_core.hpp"

namespace haive::mcp {

void ConnectionCore::announce(Phase from, ConnectionStatus status_before) {
    const TimePoint now = loop_.now();
    TransitionRecord change;
    change.at = now;
    change.from = from;
    change.to = machine_.phase();
    change.reason = reason_;
    transitions_.add(std::move(change));
    publish();

    StatusEvent status;
    status.from = to_string(status_before);
    status.to = to_string(machine_.status());
    status.phase = to_string(machine_.phase());
    status.generation = machine_.epoch();
    status.pid = session_ ? session_->channel().evidence().pid : evidence_ ? evidence_->pid : 0;
    status.reason = reason_;
    status.attempt = machine_.attempts_public();
    if (const auto next = machine_.next_attempt_at()) {
        status.next_attempt_in = to_seconds(std::max(Duration::zero(), *next - now));
    }
    emit(std::move(status));
}

void ConnectionCore::publish() {
    ConnectionRecord next;
    next.phase = machine_.phase();
    next.status = machine_.status();
    next.since = machine_.since();
    next.generation = machine_.epoch();
    next.attempts = machine_.attempts_public();
    next.monitoring = machine_.monitoring();
    next.next_attempt = machine_.next_attempt_at().value_or(never);
    next.connected_at = next.status == ConnectionStatus::connected ? connected_at_ : never;
    next.round_trip = round_trip_;
    next.last_connected = last_connected_;
    next.last_error = last_error_;
    next.reason = reason_;
    next.counters = counters_;
    if (session_ && session_->facts()) facts_ = session_->facts();
    next.facts = facts_;
    next.prior_era = prior_era_;
    if (session_) take_evidence(*session_);
    next.evidence = evidence_;
    next.transitions = std::make_shared<const std::vector<TransitionRecord>>(transitions_.entries());
    publish_health();
    {
        std::lock_guard lock(record_mutex_);
        record_ = std::move(next);
    }
    // Last: whoever sees `connected` finds everything else in place.
    status_.store(machine_.status(), std::memory_order_release);
}

/// The newest measured one, for people; the score uses its own smoothed one.
void ConnectionCore::note_round_trip(Duration measured) {
    round_trip_ = measured;
    std::lock_guard lock(record_mutex_);
    record_.round_trip = measured;
}

void ConnectionCore::emit(decltype(Event::what) what) noexcept {
    Event event;
    event.what = std::move(what);
    context_->emit(std::move(event));
}

ConnectionRecord ConnectionCore::record() const {
    ConnectionRecord out;
    {
        std::lock_guard lock(record_mutex_);
        out = record_;
    }
    out.counters.calls = calls_.load(std::memory_order_relaxed);
    out.counters.calls_failed = calls_failed_.load(std::memory_order_relaxed);
    out.counters.retries = retries_.load(std::memory_order_relaxed);
    return out;
}

HealthReport ConnectionCore::health() const noexcept {
    return health_report(published_.read(), health_.parameters(), loop_.now());
}

bool ConnectionCore::is_healthy(double threshold) const noexcept {
    return mcp::is_healthy(published_.read(), health_.parameters(), threshold, loop_.now());
}

}  // namespace haive::mcp
