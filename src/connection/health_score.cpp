#include "connection/health_score.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

namespace {

constexpr double calls_prior = 6;  // "as if so many calls had neither failed nor succeeded"
constexpr double probes_prior = 5;
constexpr double probe_memory = 0.9;  // lambda: each probe fades the ones before it
constexpr double smoothing = 0.2;
constexpr double worst_sample = 0.3;  // of PT: one very slow answer counts no more than a miss
constexpr double churn_decay = 1.0 / 300.0;

double seconds_between(TimePoint from, TimePoint to) noexcept { return to > from ? to_seconds(to - from) : 0.0; }

/// What is left of a quantity after the time between two moments.
double faded(double rate, TimePoint from, TimePoint to) noexcept {
    return to > from ? std::exp2(-rate * to_seconds(to - from)) : 1.0;
}

/// E: 1 without failures, 0 when half of everything failed.
double error_factor(double good, double bad, double prior) noexcept {
    return std::max(0.0, 1.0 - 2.0 * bad / (good + bad + prior));
}

double window_factor(double good, double bad, double fade, double prior) noexcept {
    return error_factor(good * fade, bad * fade, prior);
}

double latency_factor(double round_trip, const HealthParameters& p) noexcept {
    if (round_trip <= p.fast) return 1.0;
    return std::max(0.5, 1.0 - 0.5 * std::log(round_trip / p.fast) / std::log(p.slow / p.fast));
}

/// s: how far the wait for the outstanding probe has got on its way to a miss.
double suspense(const HealthState& s, const HealthParameters& p, TimePoint now) noexcept {
    if (s.excused) return s.frozen;
    if (s.probe_sent == never) return 0.0;
    const double waited = seconds_between(s.probe_sent, now);
    return std::clamp((waited - p.expected) / (p.timeout - p.expected), 0.0, 0.999);
}

double streak_factor(const HealthState& s, TimePoint now) noexcept {
    if (s.streak <= 0 || seconds_between(s.last_good, now) < 1.0) return 1.0;
    return std::max(0.05, 1.0 - 0.15 * s.streak);
}

double breaker_factor(BreakerLevel level) noexcept {
    if (level == BreakerLevel::open) return 0.2;
    return level == BreakerLevel::half_open ? 0.5 : 1.0;
}

double churn_factor(const HealthState& s, TimePoint now) noexcept {
    if (s.churn == 0) return 1.0;
    return std::max(0.5, 1.0 - 0.1 * s.churn * faded(churn_decay, s.churn_at, now));
}

HealthFactors factors_at(const HealthState& s, const HealthParameters& p, TimePoint now) noexcept {
    HealthFactors f;
    f.churn = churn_factor(s, now);
    if (!s.connected) {
        f.liveness = 0.0;
        return f;
    }
    const double x = (s.missed + suspense(s, p, now)) / p.dead_after;
    f.liveness = std::max(0.0, 1.0 - x * x);
    if (s.calls_bad > 0) {
        const double fade = faded(p.call_decay, s.calls_at, now);
        f.errors = window_factor(s.calls_good, s.calls_bad, fade, calls_prior);
    }
    if (s.probes_bad > 0) {
        const double fade = faded(p.probe_decay, s.probes_at, now);
        const double e = window_factor(s.probes_good, s.probes_bad, fade, probes_prior);
        f.errors = std::min(f.errors, e);
    }
    f.streak = streak_factor(s, now);
    f.latency = s.latency;
    f.breaker = breaker_factor(s.breaker);
    return f;
}

HealthFactor limiting_factor(const HealthFactors& f) noexcept {
    HealthFactor which = HealthFactor::none;
    double least = 1.0;
    const auto consider = [&](double value, HealthFactor factor) {
        if (value < least) least = value, which = factor;
    };
    consider(f.liveness, HealthFactor::liveness);
    consider(f.errors, HealthFactor::errors);
    consider(f.streak, HealthFactor::streak);
    consider(f.latency, HealthFactor::latency);
    consider(f.breaker, HealthFactor::breaker);
    consider(f.churn, HealthFactor::churn);
    return which;
}

/// A finite, positive number of seconds, whatever the caller said.
double usable(Seconds value, double fallback) noexcept {
    const double s = value.count();
    return s > 0 ? std::clamp(s, 1e-6, 1e9) : fallback;
}

}  // namespace

HealthParameters::HealthParameters(const HealthScoreOptions& options) noexcept {
    const double interval = usable(options.health_check_interval, 30.0);
    const double rtt_good = usable(options.rtt_good, 0.25);
    call_decay = 2.0 / interval;
    probe_decay = 1.0 / (8.0 * interval);
    timeout = usable(options.ping_timeout, std::min(10.0, interval / 2));
    expected = std::min(std::max(1.0, 4.0 * rtt_good), timeout / 2);
    slow = timeout / 2;
    fast = std::min(rtt_good, slow / 4);
    dead_after = std::max(1, options.dead_after);
}

HealthReport health_report(const HealthState& s, const HealthParameters& p, TimePoint now) noexcept {
    HealthReport report;
    const HealthFactors& f = report.factors = factors_at(s, p, now);
    report.connected = s.connected;
    report.score = std::min({f.liveness, f.errors, f.streak, f.latency, f.breaker}) * f.churn;
    report.limiting = s.connected ? limiting_factor(f) : HealthFactor::connection;
    if (s.observed != never) report.evidence_age = std::max(Duration::zero(), now - s.observed);
    report.round_trip = Duration(static_cast<Duration::rep>(s.round_trip * 1e9));
    report.missed_probes = s.missed;
    return report;
}

bool is_healthy(const HealthState& s, const HealthParameters& p, double threshold, TimePoint now) noexcept {
    return s.connected && health_report(s, p, now).score >= threshold;
}

HealthScore::HealthScore(const HealthParameters& parameters) noexcept : parameters_(parameters) {
    state_.round_trip = parameters_.fast;
}

void HealthScore::handshake(TimePoint now) noexcept {
    const HealthState before = state_;
    state_ = HealthState{};
    state_.churn = before.churn;
    state_.churn_at = before.churn_at;
    state_.breaker = before.breaker;
    state_.connected = true;
    state_.probes_good = 1;  // not an RTT sample: a handshake contains the server's start
    state_.round_trip = parameters_.fast;
    state_.calls_at = state_.probes_at = state_.last_good = state_.observed = now;
}

void HealthScore::lost(TimePoint now, double amount) noexcept {
    disconnected(now);
    if (!(amount > 0)) return;
    fade_churn(now);
    state_.churn = std::min(state_.churn + amount, 1e6);
}

void HealthScore::disconnected(TimePoint now) noexcept {
    state_.connected = false;
    state_.probe_sent = never;
    state_.observed = now;
}

void HealthScore::call_ok(TimePoint now) noexcept {
    fade_calls(now);
    state_.calls_good += 1;
    state_.missed = 0;
    state_.streak = 0;
    state_.excused = false;
    state_.last_good = state_.observed = now;
}

void HealthScore::call_failed(TimePoint now, double weight) noexcept {
    if (!(weight > 0)) return;
    weight = std::min(weight, 1.0);
    fade_calls(now);
    state_.calls_bad += weight;
    state_.streak = std::min(state_.streak + weight, 1e6);
    state_.observed = now;
}

void HealthScore::probe_sent(TimePoint now) noexcept { state_.probe_sent = now; }

void HealthScore::probe_ok(TimePoint now, Duration round_trip) noexcept {
    note_probe(now, true);
    sample_round_trip(to_seconds(std::max(Duration::zero(), round_trip)));
    call_ok(now);  // any response is a success of the call window too (3.2)
}

void HealthScore::probe_missed(TimePoint now) noexcept {
    note_probe(now, false);
    sample_round_trip(worst_sample * parameters_.timeout);
    if (state_.missed < UINT16_MAX) ++state_.missed;
    state_.excused = false;
}

void HealthScore::probe_inconclusive(TimePoint now) noexcept {
    const double s = suspense(state_, parameters_, now);
    state_.frozen = static_cast<float>(state_.missed == 0 ? s : 0.0);
    state_.excused = true;
    state_.probe_sent = never;
    state_.observed = now;
}

void HealthScore::probe_abandoned() noexcept { state_.probe_sent = never; }

void HealthScore::fade_calls(TimePoint now) noexcept {
    if (now <= state_.calls_at) return;
    const double fade = faded(parameters_.call_decay, state_.calls_at, now);
    state_.calls_good *= fade;
    state_.calls_bad *= fade;
    state_.calls_at = now;
}

void HealthScore::fade_probes(TimePoint now) noexcept {
    if (now <= state_.probes_at) return;
    const double fade = faded(parameters_.probe_decay, state_.probes_at, now);
    state_.probes_good *= fade;
    state_.probes_bad *= fade;
    state_.probes_at = now;
}

void HealthScore::fade_churn(TimePoint now) noexcept {
    state_.churn *= faded(churn_decay, state_.churn_at, now);
    state_.churn_at = now;
}

void HealthScore::sample_round_trip(double seconds) noexcept {
    const double sample = std::min(seconds, worst_sample * parameters_.timeout);
    state_.round_trip += smoothing * (sample - state_.round_trip);
    state_.latency = latency_factor(state_.round_trip, parameters_);
}

void HealthScore::note_probe(TimePoint now, bool good) noexcept {
    fade_probes(now);
    state_.probes_good = state_.probes_good * probe_memory + (good ? 1 : 0);
    state_.probes_bad = state_.probes_bad * probe_memory + (good ? 0 : 1);
    state_.probe_sent = never;
    state_.observed = now;
}

bool HealthSignal::look(const HealthReport& report, bool success) noexcept {
    switch (level_) {
        case Level::unknown:
            if (!report.connected) return false;
            return enter(report.score < leave_below ? Level::unhealthy : Level::healthy);
        case Level::healthy: return report.score < leave_below && enter(Level::unhealthy);
        case Level::unhealthy:
            if (success && successes_ < return_successes) ++successes_;
            return successes_ >= return_successes && report.score >= return_at && enter(Level::healthy);
    }
    return false;
}

bool HealthSignal::enter(Level level) noexcept {
    level_ = level;
    successes_ = 0;
    return true;
}

}  // namespace haive::mcp
