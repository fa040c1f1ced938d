#include "connection/retry_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace haive::mcp {

namespace {

constexpr std::array<std::string_view, 17> protocol_reads{
    "ping",
    "server/discover",
    "initialize",
    "tools/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/cancel",
};

constexpr int unsupported_version = -32022;
constexpr int header_mismatch = -32020;

/// Only refusals have one: never after `maybe_executed`, whatever the codes say.
Remedy remedy_for(const RetrySituation& s) noexcept {
    if (s.disposition == Disposition::maybe_executed) return Remedy::none;
    if (s.rpc_code == unsupported_version) return Remedy::choose_other_version;
    if (s.rpc_code == header_mismatch) return Remedy::refresh_tools;
    if (s.disposition == Disposition::executed) return Remedy::none;
    if (s.kind == ErrorKind::session_lost) return Remedy::renew_session;
    return s.http_status == 401 ? Remedy::refresh_token : Remedy::none;
}

/// Ends that another attempt may better. The others are answers, or belong to the caller, or are
/// meant to fail at once: `not_connected` and `circuit_open` (Q-16, K-2), or have waited already.
bool worth_another_attempt(const RetrySituation& s) noexcept {
    switch (s.kind) {
        case ErrorKind::queue_full:
        case ErrorKind::rate_limited:
        case ErrorKind::idle_timeout:
        case ErrorKind::connection_lost:
        case ErrorKind::session_lost: return true;
        case ErrorKind::server_unavailable:
        case ErrorKind::protocol_violation:
            // A definite 4xx is the answer; 408 and 425 ask for another attempt.
            return !s.http_status || *s.http_status < 400 || *s.http_status >= 500 || *s.http_status == 408 ||
                   *s.http_status == 425;
        default: return false;
    }
}

bool timed_out(ErrorKind kind) noexcept {
    return kind == ErrorKind::idle_timeout || kind == ErrorKind::deadline_exceeded;
}

/// Never left, and nothing speaks against trying at once. A full queue would still be full.
bool free_of_charge(const RetrySituation& s, const RetryHistory& history) noexcept {
    return s.disposition == Disposition::not_sent && !s.left_client && !history.transparent && !timed_out(s.kind) &&
           s.kind != ErrorKind::queue_full && !s.retry_after;
}

std::optional<Duration> usable_retry_after(const RetrySituation& s) noexcept {
    if (!s.retry_after || *s.retry_after < Duration::zero()) return std::nullopt;
    return s.retry_after;
}

/// Full jitter, or what the server asked for plus up to a tenth (B-5, Q-7).
Duration delay_for(const RetrySituation& s, const RetryHistory& history, const RetryOptions& o, double u) noexcept {
    u = std::clamp(u, 0.0, 1.0);
    const double step = o.first_delay.count() * std::exp2(std::min(history.charged, 40));
    double delay = std::min(o.max_delay.count(), step) * u;
    if (const auto asked = usable_retry_after(s)) {
        delay = std::max(delay, to_seconds(*asked) * (1.0 + 0.1 * u));
        delay = std::min(delay, o.retry_after_cap.count());
    }
    return to_duration(Seconds(delay));
}

RetryDecision give_up(GiveUp reason, const RetrySituation& s, const RetryHistory& h) noexcept {
    RetryDecision decision;
    decision.reason = reason;
    decision.retry_after = usable_retry_after(s);
    decision.history = h;
    return decision;
}

}  // namespace

RetryClass retry_class(std::string_view method, const RetryTraits& traits) noexcept {
    if (method.starts_with("notifications/")) return RetryClass::notification;
    if (traits.carries_input_responses) return RetryClass::never_twice;
    if (std::ranges::find(protocol_reads, method) != protocol_reads.end()) {
        return RetryClass::protocol_read;
    }
    const bool harmless = traits.marked_idempotent || traits.annotations_trusted_and_hint;
    return method == "tools/call" && harmless ? RetryClass::idempotent : RetryClass::never_twice;
}

bool allowed(RetryClass retry_class, Disposition disposition) noexcept {
    if (retry_class == RetryClass::notification) return false;
    switch (disposition) {
        case Disposition::not_sent: return true;
        case Disposition::maybe_executed: return retry_class != RetryClass::never_twice;
        case Disposition::executed: return false;
    }
    return false;
}

RetryDecision decide(const RetrySituation& s, const RetryHistory& history, const RetryOptions& o, TimePoint now,
                     double u) noexcept {
    if (s.retry_class == RetryClass::notification) return give_up(GiveUp::final_answer, s, history);
    RetryDecision d;
    d.history = history;
    d.remedy = remedy_for(s);
    if (d.remedy != Remedy::none) {
        if (history.used(d.remedy)) return give_up(GiveUp::final_answer, s, history);
        d.history.remedies |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(d.remedy));
    } else {
        if (!worth_another_attempt(s)) return give_up(GiveUp::final_answer, s, history);
        if (!allowed(s.retry_class, s.disposition)) {
            const bool ran = s.disposition == Disposition::executed;
            return give_up(ran ? GiveUp::final_answer : GiveUp::may_have_run, s, history);
        }
    }
    if (history.attempts >= o.max_attempts) return give_up(GiveUp::attempts_used, s, history);

    if (d.remedy == Remedy::none && free_of_charge(s, history)) {
        d.history.transparent = true;
    } else if (d.remedy == Remedy::none) {
        if (!s.budget_allows) return give_up(GiveUp::budget_empty, s, history);
        d.delay = delay_for(s, history, o, u);
        d.cost = timed_out(s.kind) ? 2.0 : 1.0;
        ++d.history.charged;
    }
    if (saturating_add(saturating_add(now, d.delay), s.round_trip) > s.deadline) {
        return give_up(GiveUp::no_time, s, history);
    }
    ++d.history.attempts;
    d.resend = true;
    return d;
}

}  // namespace haive::mcp
