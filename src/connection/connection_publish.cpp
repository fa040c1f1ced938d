// What the rest of the world gets to see of a connection: snapshots and events.
#include "connection/connection_core.hpp"

namespace haive::mcp {

void ConnectionCore::announce(Phase from, ConnectionStatus status_before) {
    const TimePoint now = loop_.now();
    const Phase phase = machine_.phase();
    const bool opening = phase == Phase::opening;
    const bool waiting = phase == Phase::backoff || phase == Phase::gated;
    // Old news is no reason for a new attempt, and the old process is not its process.
    const std::string reason = machine_.woken() ? "a call asked for it"
                               : !opening       ? record_->reason
                               : machine_.attempts_public() > 0
                                   ? "attempt " + std::to_string(machine_.attempts_public())
                                   : "connecting";
    record_.edit([&](ConnectionRecord& r) {
        TransitionRecord change;
        change.at = now;
        change.from = from;
        change.to = phase;
        change.reason = reason;
        r.transitions.add(std::move(change));
    });
    publish();

    StatusEvent status;
    status.from = to_string(status_before);
    status.to = to_string(machine_.status());
    status.phase = to_string(phase);
    status.generation = machine_.epoch();
    status.pid = record_->evidence && !opening ? record_->evidence->pid : 0;
    status.reason = reason;
    status.attempt = machine_.attempts_public() + (waiting && !machine_.woken() ? 1 : 0);  // the one that is waited for
    if (const auto next = machine_.next_attempt_at()) {
        status.next_attempt_in = to_seconds(std::max(Duration::zero(), *next - now));
    }
    emit(std::move(status));
}

void ConnectionCore::publish() {
    if (session_) take_evidence(*session_);
    publish_health();
    record_.edit([&](ConnectionRecord& r) {
        r.phase = machine_.phase();
        r.status = machine_.status();
        r.since = machine_.since();
        r.generation = machine_.epoch();
        r.attempts = machine_.attempts_public();
        r.monitoring = machine_.monitoring();
        r.next_attempt = machine_.next_attempt_at().value_or(never);
    });
    // Last: whoever sees `connected` finds everything else in place.
    status_.store(machine_.status(), std::memory_order_release);
}

/// The newest measured one, for people; the score uses its own smoothed one.
void ConnectionCore::note_round_trip(Duration measured) {
    if (session_) take_evidence(*session_);
    record_.edit([&](ConnectionRecord& r) { r.round_trip = measured; });
}

void ConnectionCore::note_missed_probe(int in_a_row) {
    Error error(ErrorKind::connection_lost, "no answer to " + std::to_string(in_a_row) +
                                                (in_a_row == 1 ? " health check" : " health checks in a row"));
    error.edit().server = name();
    error.edit().operation = "ping";
    error.set_mend("the process lives but does not answer: see what it waits for, or what keeps it busy");
    note_failure(error);
    record_.edit([](ConnectionRecord& r) { ++r.counters.missed_probes; });
}

void ConnectionCore::note_answer_after_misses() {
    record_.edit([](ConnectionRecord& r) {
        r.last_error.reset();
        r.reason = "it answers again";
    });
}

void ConnectionCore::set_reason(std::string reason) {
    record_.edit([&](ConnectionRecord& r) { r.reason = std::move(reason); });
}

void ConnectionCore::emit(decltype(Event::what) what) noexcept {
    Event event;
    event.what = std::move(what);
    context_->emit(std::move(event));
}

ConnectionRecord ConnectionCore::record() const {
    ConnectionRecord out = record_.copy();
    out.counters.calls = calls_.load(std::memory_order_relaxed);
    out.counters.calls_failed = calls_failed_.load(std::memory_order_relaxed);
    out.counters.retries = retries_.load(std::memory_order_relaxed);
    return out;
}

std::shared_ptr<const SessionFacts> ConnectionCore::facts() const {
    std::shared_ptr<const SessionFacts> out;
    record_.read([&](const ConnectionRecord& r) { out = r.facts; });
    return out;
}

HealthReport ConnectionCore::health() const noexcept {
    return health_report(published_.read(), health_.parameters(), loop_.now());
}

bool ConnectionCore::is_healthy(double threshold) const noexcept {
    return mcp::is_healthy(published_.read(), health_.parameters(), threshold, loop_.now());
}

}  // namespace haive::mcp
