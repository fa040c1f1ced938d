// What users ask for: connect, disconnect, reconnect, monitoring, a health check.
#include "connection/connection_core.hpp"

#include "connection/describe.hpp"

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {
constexpr Duration longest_disconnect = 8s;
}  // namespace

/// Waits to be woken, for the deadline or for the caller to lose interest.
Task<Waiters::Woken> ConnectionCore::wait_for(WaitFor what, TimePoint deadline, Cancel cancel) {
    if (cancel && cancel->requested()) co_return Waiters::Woken::cancelled;
    Waiters::Waiter waiter(waiters_, loop_, what, deadline);
    if (cancel) cancel->set([&waiter] { waiter.cancel(); });
    const auto how = co_await waiter;
    if (cancel) cancel->clear();
    co_return how;
}

/// Why a wait ended without what it was for.
Error ConnectionCore::wait_error(Waiters::Woken how, const char* operation) const {
    const auto tell = [&](ErrorKind kind, std::string text) {
        Error error(kind, std::move(text));
        error.edit().server = name();
        error.edit().operation = operation;
        return error;
    };
    switch (how) {
        case Waiters::Woken::cancelled:
            return tell(ErrorKind::cancelled, "the caller gave up waiting; the connection goes its own way");
        case Waiters::Woken::timed_out: {
            Error late = tell(ErrorKind::deadline_exceeded, "no connection in time; attempts go on");
            if (record_->last_error) {
                late.edit().message += "; the last one failed: " + record_->last_error->message();
                late.edit().stderr_tail = record_->last_error->details().stderr_tail;
                late.edit().mend = record_->last_error->details().mend;
            }
            return late;
        }
        case Waiters::Woken::done:
        case Waiters::Woken::failed: break;
    }
    return record_->last_error ? *record_->last_error
                               : tell(ErrorKind::shutdown, "the connection was closed meanwhile");
}

Task<Result<void>> ConnectionCore::connect(Duration timeout, Cancel cancel) {
    auto keep = shared_from_this();
    const TimePoint deadline = saturating_add(loop_.now(), timeout);
    if (machine_.status() == ConnectionStatus::connected) co_return Result<void>();
    if (cancel && cancel->requested()) co_return wait_error(Waiters::Woken::cancelled, "connect");
    // The time is the attempt's own only when this starts one from rest. One that runs keeps what it was
    // given; one that is coming anyway gets no less than usual, whatever this caller is ready to wait.
    const Phase phase = machine_.phase();
    const bool runs = phase == Phase::opening || phase == Phase::handshaking;
    const bool coming = phase == Phase::closing || phase == Phase::backoff || phase == Phase::gated;
    if (coming || machine_.attempt_pending()) {
        connect_timeout_ = std::max(connect_timeout_, timeout);
    } else if (!runs) {
        connect_timeout_ = timeout;
    }
    // Waiting begins before the event, which may end the attempt at once. The attempt has the same deadline
    // and knows more about its failure: it speaks first.
    Waiters::Waiter waiter(waiters_, loop_, WaitFor::attempt, saturating_add(deadline, 20ms));
    if (cancel) cancel->set([&waiter] { waiter.cancel(); });
    apply(EventType::connect);
    const auto how = co_await waiter;
    if (cancel) cancel->clear();
    if (how == Waiters::Woken::done) co_return Result<void>();
    co_return wait_error(how, "connect");
}

Task<Result<void>> ConnectionCore::disconnect(Cancel cancel) {
    auto keep = shared_from_this();
    set_reason("closed by the user");
    connect_timeout_ = settings_.connection_timeout;  // of a connect that this calls off
    apply(EventType::disconnect);
    if (machine_.phase() == Phase::idle) co_return Result<void>();
    co_await wait_for(WaitFor::idle, saturating_add(loop_.now(), longest_disconnect), std::move(cancel));
    co_return Result<void>();
}

void ConnectionCore::abandon() {
    set_reason("the connection object was destroyed");
    monitor_.set_active(false);
    apply(EventType::stop_monitoring);
    apply(EventType::disconnect);
}

Task<Result<bool>> ConnectionCore::reconnect(Cancel cancel) {
    auto keep = shared_from_this();
    if (machine_.phase() == Phase::exhausted) co_return false;
    if (machine_.status() == ConnectionStatus::connected) set_reason("replaced on request");
    const TimePoint limit = saturating_add(saturating_add(loop_.now(), connect_timeout_), longest_disconnect);
    // Counted as waiting before the event, which may already release the waiters.
    Waiters::Waiter waiter(waiters_, loop_, WaitFor::attempt, limit);
    if (cancel) cancel->set([&waiter] { waiter.cancel(); });
    apply(EventType::reconnect);
    const auto how = co_await waiter;
    if (cancel) cancel->clear();
    co_return how == Waiters::Woken::done;
}

Task<Result<void>> ConnectionCore::wait_until_connected(Duration timeout, Cancel cancel) {
    auto keep = shared_from_this();
    const ConnectionStatus status = machine_.status();
    if (status == ConnectionStatus::connected) co_return Result<void>();
    if (status != ConnectionStatus::connecting && status != ConnectionStatus::reconnecting) {
        if (record_->last_error) co_return *record_->last_error;
        co_return not_usable();
    }
    const auto how = co_await wait_for(WaitFor::ready, saturating_add(loop_.now(), timeout), std::move(cancel));
    if (how == Waiters::Woken::done) co_return Result<void>();
    co_return wait_error(how, "wait_until_connected");
}

void ConnectionCore::start_monitoring() {
    apply(EventType::start_monitoring);
    publish();
}

void ConnectionCore::stop_monitoring() {
    apply(EventType::stop_monitoring);
    publish();
}

Task<Result<json::object>> ConnectionCore::health_check(Cancel cancel) {
    auto keep = shared_from_this();
    std::optional<std::string> error;
    if (machine_.status() != ConnectionStatus::connected) {
        error = "Not connected";
    } else {
        auto answered = co_await monitor_.check(std::move(cancel));
        if (!answered || !*answered) error = "no answer to the health check within its time";
    }
    if (session_) take_evidence(*session_);
    publish();
    json::object out = describe_health(record(), health(), name(), *transport_, loop_.now());
    if (error) {
        std::string text = *error;
        if (record_->last_error && machine_.status() != ConnectionStatus::connected)
            text += ": " + record_->last_error->summary();
        out["error"] = text;
    } else {
        out["error"] = nullptr;
    }
    co_return out;
}

}  // namespace haive::mcp
