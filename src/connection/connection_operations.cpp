// What users ask for: connect, disconnect, reconnect, monitoring, a health check.
#include "connection/connection_core.hpp"

#include "connection/describe.hpp"

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {
constexpr Duration longest_disconnect = 8s;
}

Task<Result<void>> ConnectionCore::connect(Duration timeout) {
    auto keep = shared_from_this();
    const TimePoint deadline = saturating_add(loop_.now(), timeout);
    connect_timeout_ = timeout;
    apply(EventType::connect);
    if (machine_.status() == ConnectionStatus::connected) co_return Result<void>();
    // The attempt has the same deadline and knows more about its failure: let it speak first.
    Waiters::Waiter waiter(waiters_, loop_, WaitFor::attempt, saturating_add(deadline, 20ms));
    const auto how = co_await waiter;
    if (how == Waiters::Woken::done) co_return Result<void>();
    if (how == Waiters::Woken::failed && last_error_) co_return *last_error_;
    const ErrorKind kind = how == Waiters::Woken::timed_out ? ErrorKind::deadline_exceeded : ErrorKind::shutdown;
    Error error(kind, how == Waiters::Woken::timed_out ? "no connection in time; the attempt goes on"
                                                       : "the connection was closed meanwhile");
    error.edit().server = name_;
    error.edit().operation = "connect to " + transport_->describe();
    co_return error;
}

Task<Result<void>> ConnectionCore::disconnect() {
    auto keep = shared_from_this();
    reason_ = "closed by the user";
    apply(EventType::disconnect);
    if (machine_.phase() == Phase::idle) co_return Result<void>();
    Waiters::Waiter waiter(waiters_, loop_, WaitFor::idle, saturating_add(loop_.now(), longest_disconnect));
    co_await waiter;
    co_return Result<void>();
}

void ConnectionCore::abandon() {
    reason_ = "the connection object was destroyed";
    monitor_.set_active(false);
    apply(EventType::stop_monitoring);
    apply(EventType::disconnect);
}

Task<Result<bool>> ConnectionCore::reconnect() {
    auto keep = shared_from_this();
    if (machine_.phase() == Phase::exhausted) co_return false;
    if (machine_.status() == ConnectionStatus::connected) reason_ = "replaced on request";
    const TimePoint limit = saturating_add(loop_.now(), connect_timeout_ + longest_disconnect);
    Waiters::Waiter waiter(waiters_, loop_, WaitFor::attempt, limit);
    apply(EventType::reconnect);
    const auto how = co_await waiter;
    co_return how == Waiters::Woken::done;
}

Task<Result<void>> ConnectionCore::wait_until_connected(Duration timeout) {
    auto keep = shared_from_this();
    if (machine_.status() == ConnectionStatus::connected) co_return Result<void>();
    const ConnectionStatus status = machine_.status();
    if (status == ConnectionStatus::connecting || status == ConnectionStatus::reconnecting) {
        Waiters::Waiter waiter(waiters_, loop_, WaitFor::ready, saturating_add(loop_.now(), timeout));
        const auto how = co_await waiter;
        if (how == Waiters::Woken::done) co_return Result<void>();
        if (how == Waiters::Woken::timed_out) {
            Error error = not_usable();
            error.edit().operation = "wait_until_connected";
            Error late(ErrorKind::deadline_exceeded, error.message());
            late.edit() = error.details();
            co_return late;
        }
    }
    if (last_error_) co_return *last_error_;
    co_return not_usable();
}

void ConnectionCore::start_monitoring() { apply(EventType::start_monitoring); }

void ConnectionCore::stop_monitoring() { apply(EventType::stop_monitoring); }

Task<Result<json::object>> ConnectionCore::health_check() {
    auto keep = shared_from_this();
    std::optional<std::string> error;
    if (machine_.status() != ConnectionStatus::connected) {
        error = "Not connected";
    } else {
        auto answered = co_await monitor_.check();
        if (!answered || !*answered) error = "no answer to the health check within its time";
    }
    publish();
    json::object out = describe_health(record(), health(), name_, *transport_, loop_.now());
    if (error) {
        std::string text = *error;
        if (last_error_ && machine_.status() != ConnectionStatus::connected) text += ": " + last_error_->summary();
        out["error"] = text;
    } else {
        out["error"] = nullptr;
    }
    co_return out;
}

}  // namespace haive::mcp
