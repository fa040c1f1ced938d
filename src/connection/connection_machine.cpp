#include "connection/connection_machine.hpp"

#include "connection/backoff.hpp"
#include "connection/transition_table.hpp"

#include <algorithm>
#include <cassert>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {
constexpr Duration session_loss_window = 10s;
constexpr Duration least_stable_uptime = 10s;
constexpr Duration most_stable_uptime = 600s;
}  // namespace

ConnectionStatus ConnectionMachine::status() const noexcept {
    switch (phase_) {
        case Phase::idle:
        case Phase::closing: return ConnectionStatus::disconnected;
        case Phase::opening:
        case Phase::handshaking: return in_episode_ ? ConnectionStatus::reconnecting : ConnectionStatus::connecting;
        case Phase::ready:
        case Phase::suspect:
        case Phase::draining: return ConnectionStatus::connected;
        case Phase::backoff:
        case Phase::gated: return ConnectionStatus::reconnecting;
        case Phase::failed:
        case Phase::exhausted:
        case Phase::fatal:
        case Phase::auth_wait: return ConnectionStatus::error;
    }
    return ConnectionStatus::error;
}

bool ConnectionMachine::up() const noexcept {
    return phase_ == Phase::ready || phase_ == Phase::suspect || phase_ == Phase::draining;
}

bool ConnectionMachine::engine_active() const noexcept {
    return options_.auto_reconnect && options_.max_reconnect_attempts != 0 && desired_up_ &&
           (was_connected_ || monitoring_);
}

Duration ConnectionMachine::stable_uptime() const noexcept {
    if (options_.stable_uptime) return *options_.stable_uptime;
    const Duration last = backoff_base(std::max(1, attempts_), options_.reconnect_delay, options_.max_reconnect_delay,
                                       options_.backoff_multiplier);
    const Duration twice = last > most_stable_uptime ? most_stable_uptime : 2 * last;
    return std::clamp(std::max(options_.health_check_interval, twice), least_stable_uptime, most_stable_uptime);
}

Actions ConnectionMachine::on(const MachineEvent& event, TimePoint now) {
    Actions out;
    now_ = now;
    // A close that ends is about the transport being closed; everything else is about the present one.
    const std::uint64_t expected = event.type == EventType::closed ? closing_epoch_ : epoch_;
    if (event.epoch != 0 && event.epoch != expected) {
        out.stale = true;
        return out;
    }
    const ConnectionStatus status_before = status();
    const Phase phase_before = phase_;
    out_ = &out;
    dispatch(event);
    out_ = nullptr;
    if (phase_before != phase_) {
        assert(transition_allowed(phase_before, event.type, phase_));
        since_ = now;
    }
    out.changed = phase_before != phase_ || status_before != status();
    return out;
}

void ConnectionMachine::dispatch(const MachineEvent& event) {
    switch (event.type) {
        case EventType::connect: on_connect(); break;
        case EventType::reconnect: on_reconnect(); break;
        case EventType::disconnect: on_disconnect(); break;
        case EventType::start_monitoring:
            monitoring_ = true;
            if (!options_.auto_reconnect) break;
            if (phase_ == Phase::idle || phase_ == Phase::failed || phase_ == Phase::exhausted ||
                phase_ == Phase::closing) {
                on_connect();
            }
            break;
        case EventType::stop_monitoring: monitoring_ = false; break;
        case EventType::opened:
            if (phase_ == Phase::opening) enter(Phase::handshaking);
            break;
        case EventType::handshake_ok: on_handshake_ok(); break;
        case EventType::attempt_failed: on_attempt_failed(event); break;
        case EventType::lost:
            if (up()) {
                on_lost(event, CloseMode::prompt);
            } else {
                on_attempt_failed(event);
            }
            break;
        case EventType::session_lost: on_session_lost(event); break;
        case EventType::probe_missed: on_probe_missed(event); break;
        case EventType::answered: on_answered(); break;
        case EventType::backoff_due:
            if (phase_ != Phase::backoff) break;
            ask_leave();
            break;
        case EventType::granted:
            if (phase_ != Phase::gated) break;
            granted_ = true;
            if (wire_ == Wire::none) open_now();
            break;
        case EventType::stable_due:
            if (!up()) break;
            stable_ = true;
            if (answered_) forget_episode();
            break;
        case EventType::revive_due:
            if (phase_ != Phase::exhausted || !monitoring_ || !desired_up_) break;
            attempts_ = 0;
            attempts_public_ = 0;
            schedule(event);
            break;
        case EventType::closed: on_closed(); break;
        case EventType::drain:
            if (phase_ == Phase::ready || phase_ == Phase::suspect) enter(Phase::draining);
            break;
        case EventType::credentials_changed:
            if (phase_ == Phase::auth_wait && desired_up_) begin(false);
            break;
        case EventType::wanted: on_wanted(); break;
    }
}

void ConnectionMachine::enter(Phase next) { phase_ = next; }

void ConnectionMachine::on_connect() {
    switch (phase_) {
        case Phase::idle:
        case Phase::failed:
        case Phase::exhausted:
        case Phase::fatal:
        case Phase::auth_wait:
            desired_up_ = true;
            was_connected_ = false;
            attempts_ = 0;
            attempts_public_ = 0;
            wakes_ = 0;
            out_->cancel_timers = true;
            begin(false);
            break;
        case Phase::closing: connect_when_closed_ = true; break;
        case Phase::backoff:
            out_->cancel_timers = true;
            ask_leave();
            break;
        default: break;  // under way or there already: the caller joins
    }
}

void ConnectionMachine::on_reconnect() {
    if (up()) {
        // A forced replacement: neither an attempt nor churn, and no delay.
        out_->cancel_timers = true;
        close_wire(CloseMode::graceful);
        begin(true);
        return;
    }
    switch (phase_) {
        case Phase::exhausted: out_->release_waiters = Release::failed; break;
        case Phase::idle:
        case Phase::failed:
        case Phase::fatal:
        case Phase::auth_wait:
            desired_up_ = true;
            out_->cancel_timers = true;
            begin(false);  // from rest: a first attempt again (1.1)
            break;
        default: on_connect(); break;
    }
}

void ConnectionMachine::on_disconnect() {
    desired_up_ = false;
    connect_when_closed_ = false;
    open_when_closed_ = false;
    next_attempt_.reset();
    out_->cancel_timers = true;
    out_->release_waiters = Release::failed;
    attempts_public_ = 0;
    attempts_ = 0;
    free_attempt_ = false;
    woken_ = false;
    wakes_ = 0;
    was_connected_ = false;
    if (wire_ != Wire::none) {
        if (wire_ == Wire::live) close_wire(CloseMode::graceful);
        enter(Phase::closing);
    } else {
        enter(Phase::idle);
    }
}

/// A new attempt begins: at once if no old transport is in the way (SM-2).
void ConnectionMachine::begin(bool in_episode) {
    ++epoch_;
    in_episode_ = in_episode;
    answered_ = false;
    stable_ = false;
    missed_ = 0;
    next_attempt_.reset();
    enter(Phase::opening);
    if (wire_ == Wire::none) {
        wire_ = Wire::live;
        out_->open = true;
    } else {
        open_when_closed_ = true;
    }
}

/// The limiter and the old transport both gave way: the attempt is charged and begins.
void ConnectionMachine::open_now() {
    granted_ = false;
    if (!std::exchange(free_attempt_, false)) {
        ++attempts_;
        ++attempts_public_;
    }
    begin(true);
}

void ConnectionMachine::ask_leave() {
    next_attempt_.reset();
    granted_ = false;
    enter(Phase::gated);
    out_->ask_grant = true;
}

/// A call meets a connection that is down: one attempt at once, uncharged, instead of the rest of a long pause.
/// Not while the server asked for patience, and with growing rests, so that calls in a row cannot turn the
/// backoff into a storm.
void ConnectionMachine::on_wanted() {
    if (!engine_active() || (phase_ != Phase::backoff && phase_ != Phase::exhausted)) return;
    if (phase_ == Phase::backoff && (paced_ || *next_attempt_ - now_ <= options_.reconnect_delay / 2)) return;
    const Duration rest = backoff_base(wakes_ + 1, options_.reconnect_delay, options_.max_reconnect_delay / 4,
                                       options_.backoff_multiplier);
    if (last_failure_ && now_ - *last_failure_ < rest) return;
    ++wakes_;
    woken_ = true;
    free_attempt_ = true;
    in_episode_ = true;
    out_->cancel_timers = true;
    ask_leave();
}

void ConnectionMachine::close_wire(CloseMode how) {
    if (wire_ != Wire::live) return;
    wire_ = Wire::closing;
    closing_epoch_ = epoch_;
    out_->close = how;
}

void ConnectionMachine::on_handshake_ok() {
    if (phase_ != Phase::opening && phase_ != Phase::handshaking) return;
    attempts_public_ = 0;
    missed_ = 0;
    wakes_ = 0;
    woken_ = false;
    was_connected_ = true;
    in_episode_ = false;
    enter(Phase::ready);
    out_->arm_stable = stable_uptime();
    out_->release_waiters = Release::ok;
}

void ConnectionMachine::on_attempt_failed(const MachineEvent& event) {
    if (phase_ != Phase::opening && phase_ != Phase::handshaking) return;
    open_when_closed_ = false;
    close_wire(CloseMode::prompt);
    rest(event.cause, event);
    out_->release_waiters = Release::failed;
}

/// Where a connection goes that has no transport any more.
void ConnectionMachine::rest(const Cause& cause, const MachineEvent& event) {
    last_failure_ = now_;
    woken_ = false;
    if (cause.cls == AttemptClass::fatal) {
        enter(Phase::fatal);
    } else if (cause.cls == AttemptClass::auth) {
        enter(Phase::auth_wait);
    } else if (engine_active()) {
        schedule(event);
    } else {
        enter(Phase::failed);
    }
}

void ConnectionMachine::schedule(const MachineEvent& event) {
    const bool limited = options_.max_reconnect_attempts >= 0;
    if (limited && attempts_ >= options_.max_reconnect_attempts && !free_attempt_) {
        enter(Phase::exhausted);
        if (options_.revive_after) out_->arm_revive = *options_.revive_after;
        return;
    }
    const Duration base = backoff_base(attempts_ + 1, options_.reconnect_delay, options_.max_reconnect_delay,
                                       options_.backoff_multiplier);
    Duration delay = backoff_delay(base, event.storm ? 1.0 : options_.jitter, event.random);
    if (event.cause.retry_after) {
        const Duration cap = std::max(options_.max_reconnect_delay, options_.retry_after_cap);
        delay = with_retry_after(delay, *event.cause.retry_after, cap, event.random);
    }
    paced_ = event.cause.retry_after.has_value();
    in_episode_ = true;
    next_attempt_ = saturating_add(now_, delay);
    out_->arm_backoff = delay;
    enter(Phase::backoff);
}

void ConnectionMachine::on_lost(const MachineEvent& event, CloseMode how) {
    out_->cancel_timers = true;
    out_->churn = 1;
    close_wire(how);
    if (event.cause.cls == AttemptClass::retryable && !engine_active() && event.cause.graceful) {
        enter(Phase::idle);
        return;
    }
    rest(event.cause, event);
}

void ConnectionMachine::on_session_lost(const MachineEvent& event) {
    if (!up()) return;
    out_->churn = 0.5;
    out_->cancel_timers = true;
    const bool first = !last_session_loss_ || now_ - *last_session_loss_ > session_loss_window;
    last_session_loss_ = now_;
    in_episode_ = true;
    if (first) {
        enter(Phase::handshaking);
        out_->handshake = true;
        return;
    }
    free_attempt_ = true;
    close_wire(CloseMode::prompt);
    if (engine_active()) {
        schedule(event);
    } else {
        enter(Phase::failed);
    }
}

void ConnectionMachine::on_probe_missed(const MachineEvent& event) {
    if (!up()) return;
    ++missed_;
    if (missed_ >= options_.max_missed_probes) {
        on_lost(event, CloseMode::kill);
    } else if (phase_ == Phase::ready) {
        enter(Phase::suspect);
    }
}

void ConnectionMachine::on_answered() {
    if (!up()) return;
    answered_ = true;
    missed_ = 0;
    if (phase_ == Phase::suspect) enter(Phase::ready);
    if (stable_) forget_episode();
}

void ConnectionMachine::forget_episode() {
    attempts_ = 0;
    stable_ = false;
}

void ConnectionMachine::on_closed() {
    if (wire_ != Wire::closing) return;
    wire_ = Wire::none;
    if (phase_ == Phase::closing) {
        enter(Phase::idle);
        if (std::exchange(connect_when_closed_, false)) on_connect();
    } else if (phase_ == Phase::opening && std::exchange(open_when_closed_, false)) {
        wire_ = Wire::live;
        out_->open = true;
    } else if (phase_ == Phase::gated && granted_) {
        open_now();
    }
}

}  // namespace haive::mcp
