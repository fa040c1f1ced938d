// A call's way through the connection: is it usable, how did it go, may it be sent again.
#include "client/pause.hpp"
#include "connection/call_class.hpp"
#include "connection/call_meter.hpp"
#include "connection/connection_core.hpp"
#include "haive/mcp/protocol/calls.hpp"
#include "protocol/call_deadline.hpp"

#include <algorithm>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration longest_wait_for_ready = 5s;
constexpr Duration shortest_blameable_wait = 5s;

std::string in_seconds(Duration d) {
    const double s = to_seconds(d);
    return std::to_string(static_cast<long>(s)) + "." + std::to_string(static_cast<long>(s * 10) % 10) + " s";
}

/// The loop is the only writer: no read-modify-write needed.
void bump(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

Error with_past(Error error, Disposition worst, const RetryHistory& history, Duration elapsed) {
    error.set_disposition(std::max(worst, error.disposition()));
    error.edit().attempts = history.attempts;
    error.edit().elapsed = elapsed;
    return error;
}

}  // namespace

Error ConnectionCore::not_usable() const {
    std::string text = "not connected (";
    text += to_string(machine_.phase());
    text += ')';
    if (record_->last_error) text += "; last failure: " + record_->last_error->message();
    if (const auto next = machine_.next_attempt_at()) {
        text += "; next attempt in " + in_seconds(std::max(Duration::zero(), *next - loop_.now()));
    }
    Error error(ErrorKind::not_connected, std::move(text));
    auto& details = error.edit();
    details.server = name();
    if (record_->last_error) {
        details.stderr_tail = record_->last_error->details().stderr_tail;
        details.mend = record_->last_error->details().mend;
        details.exit_code = record_->last_error->details().exit_code;
        details.exit_signal = record_->last_error->details().exit_signal;
    } else if (machine_.phase() == Phase::idle) {
        details.mend = "call connect() or start_monitoring() first";
    }
    return error;
}

Task<Result<std::shared_ptr<ClientSession>>> ConnectionCore::usable_session(const Request& request, TimePoint deadline,
                                                                            const Elsewhere* elsewhere) {
    if (is_usable()) co_return session_;
    apply(EventType::wanted);
    const bool wait = request.options.wait_for_ready.value_or(settings_.wait_for_ready);
    const ConnectionStatus status = machine_.status();
    const bool coming = status == ConnectionStatus::connecting || status == ConnectionStatus::reconnecting;
    // An attempt that a call asked for, this one or another, is worth its wait: "fails at once" is for the long pauses.
    const bool woken = machine_.woken() && request.options.wait_for_ready.value_or(true);
    if (coming && (wait || renewing() || woken) && !(elsewhere != nullptr && elsewhere->ready())) {
        const TimePoint until = std::min(deadline, saturating_add(loop_.now(), longest_wait_for_ready));
        co_await wait_for(wait || renewing() ? WaitFor::ready : WaitFor::attempt, until, request.cancel);
        if (request.cancel && request.cancel->requested()) {
            co_return Error(ErrorKind::cancelled, "cancelled by the caller while it waited for the connection");
        }
        if (is_usable()) co_return session_;
    }
    Error error = not_usable();
    error.edit().operation = request.name.empty() ? request.method : request.method + ' ' + request.name;
    co_return error;
}

RetrySituation ConnectionCore::situation_of(const Request& request, const Error& error, TimePoint deadline) const {
    RetrySituation s;
    s.retry_class = retry_class(request.method, traits_of(request, settings_.trust_annotations));
    s.kind = error.kind();
    s.disposition = error.disposition();
    s.left_client = error.disposition() != Disposition::not_sent;
    s.rpc_code = error.details().rpc_code;
    s.http_status = error.details().http_status;
    s.retry_after = error.details().retry_after;
    s.deadline = deadline;
    s.round_trip = health_.report(loop_.now()).round_trip;
    s.budget_allows = budget_.allows_retry(loop_.now());
    return s;
}

/// What a call's end says about the server (3.2): a failing tool is not a failing connection.
void ConnectionCore::observe_call(const Result<Reply>& result, Duration waited) {
    const TimePoint now = loop_.now();
    bump(calls_);
    if (session_ && meter_.wants_evidence(now)) take_evidence(*session_);
    if (result.has_value()) {
        // A decaying maximum stands in for the 95th percentile: it forgets a slow call in some dozens.
        usual_call_time_ = std::max(waited, usual_call_time_ - usual_call_time_ / 32);
        health_.call_ok(now);
        publish_health();
        monitor_.on_success();
        return;
    }
    const Error error = result.error();
    switch (error.kind()) {
        case ErrorKind::rpc_error:
        case ErrorKind::response_too_large:
            health_.call_ok(now);
            publish_health();
            monitor_.on_success();
            return;
        case ErrorKind::idle_timeout:
        case ErrorKind::deadline_exceeded: {
            const Duration usual = settings_.request_timeout;
            if (waited < std::min(shortest_blameable_wait, usual)) return;
            bump(calls_failed_);
            health_.call_failed(now);
            break;
        }
        case ErrorKind::connection_lost:
        case ErrorKind::protocol_violation:
        case ErrorKind::server_unavailable:
            bump(calls_failed_);
            health_.call_failed(now);
            break;
        default: return;  // ours, or never left: says nothing about the server
    }
    publish_health();
    monitor_.on_failure();
}

namespace {

struct OwnedCall {
    Request request;
    CallCourse course;
};
struct LentCall {
    Request& request;
    CallCourse& course;
};

}  // namespace

Task<Result<Reply>> ConnectionCore::call_on(std::shared_ptr<ConnectionCore> self, Request request) {
    OwnedCall call{std::move(request), CallCourse()};
    return run_call(std::move(self), std::move(call));
}

Task<Result<Reply>> ConnectionCore::call_kept(std::shared_ptr<ConnectionCore> self, Request& request,
                                              CallCourse& course) {
    return run_call(std::move(self), LentCall{request, course});
}

template <class Kept>
Task<Result<Reply>> ConnectionCore::run_call(std::shared_ptr<ConnectionCore> self, Kept kept) {
    ConnectionCore& core = *self;
    Request& request = kept.request;
    CallCourse& course = kept.course;
    const TimePoint began = core.loop_.now();
    const Duration usual = core.settings_.request_timeout;
    const Duration idle = request.options.timeout ? to_duration(*request.options.timeout) : usual;
    fix_deadline(request, began, usual);
    CallLimits limits;
    limits.idle = idle;
    limits.total = request.deadline;
    limits.reset_on_progress = request.options.reset_on_progress;

    RetryCeiling::Call place(core.retry_ceiling_.get());
    const RetryClass repeats = retry_class(request.method, traits_of(request, core.settings_.trust_annotations));
    request.harmless_twice = repeats == RetryClass::protocol_read;
    CallMeter meter(core.name(), core.runtime(), core.meter_.metrics(), ++core.call_numbers_, request, repeats,
                    course.trace);
    RetryOptions retry_options;
    retry_options.max_attempts = request.options.max_attempts;
    RetryHistory& history = course.history;
    std::optional<Error>& failure = course.failure;
    Disposition& worst = course.worst;
    for (;;) {
        Result<std::shared_ptr<ClientSession>> session = core.session_;
        if (!core.is_usable()) {
            meter.waits(true);
            auto later = co_await core.usable_session(request, limits.total, course.elsewhere);
            meter.waits(false);
            session = std::move(later);
        }
        if (!session) {
            // A resend that found no connection in time: the failure that led here is the story.
            const Error last = failure ? *failure : session.error();
            const bool away = session.error().kind() == ErrorKind::not_connected;
            if (away && course.elsewhere != nullptr && course.elsewhere->ready()) {
                course.handed_back = true;  // not its end: that is told where it goes on
                co_return with_past(last, worst, history, core.loop_.now() - began);
            }
            co_return meter.ended(with_past(last, worst, history, core.loop_.now() - began),
                                  core.budget_.tokens(core.loop_.now()));
        }
        const TimePoint sent = core.loop_.now();
        core.monitor_.on_call();
        meter.attempt_begins(request, history.attempts, (*session)->facts()->protocol_version);
        auto reply = co_await (*session)->call_once(request, limits);
        core.observe_call(reply, core.loop_.now() - sent);
        meter.attempt_ends(reply, history.attempts, (*session)->generation());
        if (reply) {
            if (history.attempts == 1) core.budget_.first_time_success(core.loop_.now());
            reply->attempts = history.attempts;
            co_return meter.ended(std::move(reply), core.budget_.tokens(core.loop_.now()));
        }
        failure = reply.error();
        core.heed_pause(*failure);
        worst = std::max(worst, failure->disposition());

        const TimePoint now = core.loop_.now();
        RetrySituation situation = core.situation_of(request, *failure, limits.total);
        situation.budget_allows = situation.budget_allows && place.may_retry();
        const RetryDecision decision = decide(situation, history, retry_options, now, core.random_.uniform());
        const bool cancelled = request.cancel && request.cancel->requested();
        // Fresh credentials are the transport's business; it has tried them.
        const bool unmendable = decision.remedy == Remedy::refresh_token;
        if (!decision.resend || unmendable || cancelled || !core.machine_.desired_up()) {
            if (decision.retry_after) failure->edit().retry_after = decision.retry_after;
            co_return meter.ended(with_past(*failure, worst, history, now - began), core.budget_.tokens(now));
        }
        meter.retried(failure->kind(), decision.cost <= 0);
        history = decision.history;
        if (decision.cost > 0) place.retry();
        if (decision.remedy == Remedy::choose_other_version) {
            // Spoken as ever, refused now: what both speak is found out anew, and this call waits for it.
            core.on_session_gone((*session)->generation(), *failure);
        } else if (decision.remedy == Remedy::refresh_tools) {
            // The server wants other headers than its last list said. What the list says now, if it comes, is used.
            CallOptions options;
            options.max_total_timeout = Seconds(limits.total - now);
            auto listed = co_await list_tools(**session, std::move(options));
            if (listed) core.context_->tools().learn(listed->tools);
        }
        core.budget_.spend(now, decision.cost);
        bump(core.retries_);
        request.options.wait_for_ready = true;  // a resend is worth the wait that healing takes
        if (decision.delay > Duration::zero()) {
            Pause pause(core.loop_, saturating_add(now, decision.delay), request.cancel.get());
            co_await pause;
        }
    }
}

Task<Result<Duration>> ConnectionCore::reach(Duration limit) {
    auto keep = shared_from_this();
    const TimePoint deadline = saturating_add(loop_.now(), limit);
    Request request;
    request.method = "ping";
    auto session = co_await usable_session(request, deadline);
    if (session.has_error()) co_return session.error();
    auto round_trip = co_await (*session)->probe(std::max(deadline - loop_.now(), Duration(1ms)));
    co_return round_trip;
}

Task<Result<Duration>> ConnectionCore::probe(Duration limit) {
    auto keep = shared_from_this();
    if (machine_.status() != ConnectionStatus::connected || !session_) {
        Error error = not_usable();
        error.edit().operation = "ping";
        co_return error;
    }
    auto session = session_;
    auto round_trip = co_await session->probe(limit);
    co_return round_trip;
}

}  // namespace haive::mcp
