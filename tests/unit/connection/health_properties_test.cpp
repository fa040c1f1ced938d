#include "connection/health_score.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

// H-2, H-4 and H-7 over random histories. A failing run repeats with HAIVE_MCP_SEED=<printed seed>.

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

constexpr int histories = 100'000;
constexpr double rounding = 1e-9;

std::uint64_t printed_seed(const char* what) {
    const char* chosen = std::getenv("HAIVE_MCP_SEED");
    const std::uint64_t seed = chosen ? std::strtoull(chosen, nullptr, 0) : 20260728;
    std::cout << what << ": " << histories << " histories, seed " << seed << "\n";
    return seed;
}

enum class Kind { call_ok, call_failed, probe_ok, probe_missed, probe_inconclusive };

struct Event {
    Duration at;          ///< since the handshake
    Duration probe_wait;  ///< probes: sent this long before `at`
    Kind kind;
    double weight;
    Duration round_trip;
};

Duration random_span(Random& r, double least, double most) {
    return to_duration(Seconds(least * std::pow(most / least, r.uniform())));
}

std::vector<Event> random_history(Random& r, std::size_t length) {
    std::vector<Event> events;
    Duration t{};
    const double gap = 0.01 * std::pow(1000.0, r.uniform());
    const double bad = r.uniform();
    for (std::size_t i = 0; i < length; ++i) {
        const Duration step = random_span(r, gap / 10, gap * 10);
        t += step;
        const bool probe = r.uniform() < 0.5;
        const bool fails = r.uniform() < bad;
        Kind kind = probe ? (fails ? Kind::probe_missed : Kind::probe_ok) : (fails ? Kind::call_failed : Kind::call_ok);
        if (probe && r.uniform() < 0.1) kind = Kind::probe_inconclusive;
        const Duration wait = std::min<Duration>(step, random_span(r, 0.001, 10));
        events.push_back({t, wait, kind, r.uniform() < 0.3 ? 0.5 : 1.0, random_span(r, 0.0001, 20)});
    }
    return events;
}

struct Subject {
    HealthScore health;
    TimePoint start;

    Subject(BreakerLevel breaker, double churn) : start(TimePoint{} + 1000s) {
        health.lost(start, churn);
        health.set_breaker(breaker);
        health.handshake(start);
    }

    static bool is_probe(Kind k) { return k != Kind::call_ok && k != Kind::call_failed; }

    /// Sends the probe that `e` ends, and returns the score half-way through the wait.
    double wait(const Event& e) {
        if (!is_probe(e.kind)) return 0;
        health.probe_sent(start + e.at - e.probe_wait);
        return health.score(start + e.at - e.probe_wait / 2);
    }
    double end(const Event& e) {
        const TimePoint now = start + e.at;
        switch (e.kind) {
            case Kind::call_ok: health.call_ok(now); break;
            case Kind::call_failed: health.call_failed(now, e.weight); break;
            case Kind::probe_ok: health.probe_ok(now, e.round_trip); break;
            case Kind::probe_missed: health.probe_missed(now); break;
            case Kind::probe_inconclusive: health.probe_inconclusive(now); break;
        }
        return health.score(now);
    }
};

::testing::AssertionResult never_better(const std::vector<Event>& worse, const std::vector<Event>& better,
                                        BreakerLevel breaker, double churn, Duration later) {
    Subject a(breaker, churn);
    Subject b(breaker, churn);
    const auto fine = [](double x, double y) { return x <= y + rounding; };
    for (std::size_t i = 0; i < worse.size(); ++i) {
        double x = a.wait(worse[i]);
        double y = b.wait(better[i]);
        if (!fine(x, y)) {
            return ::testing::AssertionFailure() << "waiting at " << i << ": " << x << " > " << y;
        }
        x = a.end(worse[i]);
        y = b.end(better[i]);
        if (!fine(x, y)) {
            return ::testing::AssertionFailure() << "after event " << i << ": " << x << " > " << y;
        }
    }
    const TimePoint end = a.start + worse.back().at + later;
    const double x = a.health.score(end);
    const double y = b.health.score(end);
    if (fine(x, y)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "at the end: " << x << " > " << y;
}

TEST(HealthProperties, H2_the_score_is_bounded_for_every_history) {
    SplitMix r(printed_seed("H-2"));
    for (int n = 0; n < histories; ++n) {
        HealthScoreOptions options;
        options.health_check_interval = Seconds(std::pow(10.0, -4 + 10 * r.uniform()));
        options.rtt_good = Seconds(std::pow(10.0, -4 + 6 * r.uniform()));
        if (r.uniform() < 0.3) options.ping_timeout = Seconds(std::pow(10.0, -3 + 5 * r.uniform()));
        HealthScore h{HealthParameters(options)};
        TimePoint now{};
        for (int i = 0; i < 20; ++i) {
            now += random_span(r, 1e-6, 1e4) - 1ms;  // now and then the clock runs backwards
            switch (r.next() % 11) {
                case 0: h.handshake(now); break;
                case 1: h.lost(now, 10 * r.uniform() - 1); break;
                case 2: h.disconnected(now); break;
                case 3: h.call_ok(now); break;
                case 4: h.call_failed(now, 3 * r.uniform() - 1); break;
                case 5: h.probe_sent(now); break;
                case 6: h.probe_ok(now, random_span(r, 1e-9, 1e5) - 1s); break;
                case 7: h.probe_missed(now); break;
                case 8: h.probe_inconclusive(now); break;
                case 9: h.probe_abandoned(); break;
                default: h.set_breaker(static_cast<BreakerLevel>(r.next() % 3));
            }
            const HealthReport report = h.report(now + random_span(r, 1e-9, 1e3));
            const HealthFactors& f = report.factors;
            for (const double v : {report.score, f.liveness, f.errors, f.streak, f.latency, f.breaker, f.churn}) {
                ASSERT_TRUE(v >= 0 && v <= 1) << "history " << n << " event " << i << ": " << v;
            }
            ASSERT_TRUE(report.connected || report.score == 0) << "history " << n;
        }
    }
}

TEST(HealthProperties, H4_a_success_instead_of_a_failure_never_lowers_a_later_score) {
    SplitMix r(printed_seed("H-4, success"));
    for (int n = 0; n < histories; ++n) {
        const auto worse = random_history(r, 3 + r.next() % 20);
        auto better = worse;
        std::vector<std::size_t> failures;
        for (std::size_t i = 0; i < worse.size(); ++i) {
            const Kind k = worse[i].kind;
            if (k == Kind::call_failed || k == Kind::probe_missed) failures.push_back(i);
        }
        if (failures.empty()) continue;
        Event& e = better[failures[r.next() % failures.size()]];
        e.kind = e.kind == Kind::call_failed ? Kind::call_ok : Kind::probe_ok;
        const auto breaker = static_cast<BreakerLevel>(r.next() % 8 == 0 ? r.next() % 3 : 0);
        ASSERT_TRUE(never_better(worse, better, breaker, 3 * r.uniform(), random_span(r, 0.01, 100)))
            << "history " << n;
    }
}

TEST(HealthProperties, H4_a_larger_round_trip_never_raises_a_later_score) {
    SplitMix r(printed_seed("H-4, round trip"));
    for (int n = 0; n < histories; ++n) {
        const auto better = random_history(r, 3 + r.next() % 20);
        auto worse = better;
        std::vector<std::size_t> answers;
        for (std::size_t i = 0; i < better.size(); ++i) {
            if (better[i].kind == Kind::probe_ok) answers.push_back(i);
        }
        if (answers.empty()) continue;
        worse[answers[r.next() % answers.size()]].round_trip += random_span(r, 0.001, 20);
        ASSERT_TRUE(never_better(worse, better, BreakerLevel::closed, 0, random_span(r, 0.01, 100))) << "history " << n;
    }
}

TEST(HealthProperties, H4_longer_waiting_for_a_probe_never_raises_the_score) {
    SplitMix r(printed_seed("H-4, waiting"));
    for (int n = 0; n < histories; ++n) {
        Subject s(BreakerLevel::closed, 0);
        const auto events = random_history(r, 1 + r.next() % 10);
        for (const Event& e : events) {
            (void)s.wait(e);
            (void)s.end(e);
        }
        const TimePoint first = s.start + events.back().at;
        const TimePoint second = first + random_span(r, 0.001, 10);
        const TimePoint read = second + random_span(r, 0.001, 10);
        s.health.probe_sent(first);
        const double longer = s.health.score(read);
        s.health.probe_sent(second);
        ASSERT_LE(longer, s.health.score(read) + rounding) << "history " << n;
    }
}

/// Probes a score back to 0.7, one answered probe every `spacing`, and counts them.
int probes_to_recover(HealthScore& h, TimePoint& now, Duration spacing) {
    int count = 0;
    while (h.score(now) < 0.7 && count < 100) {
        now += spacing;
        h.probe_ok(now, 5ms);
        ++count;
    }
    return count;
}

// Probes at the times of the schedule (a miss takes 10 s, then 5 s to the next), at most two
// missed in a row, for the third ends the epoch; and a failed call now and then.
TEST(HealthProperties, H7_nine_quick_probes_recover_any_history_of_probes) {
    SplitMix r(printed_seed("H-7, probes"));
    int worst = 0;
    for (int n = 0; n < histories; ++n) {
        Subject s(BreakerLevel::closed, 0);
        TimePoint now = s.start;
        const double loss = r.uniform();
        const std::size_t length = 1 + r.next() % 40;
        for (std::size_t i = 0; i < length; ++i) {
            if (s.health.missed() < 2 && r.uniform() < loss) {
                now += 5s + 10s;
                s.health.probe_missed(now);
            } else {
                now += s.health.score(now) < 0.7 ? Duration(5s) : random_span(r, 27, 33);
                s.health.probe_ok(now, random_span(r, 0.001, 10));
            }
            if (r.uniform() < 0.3) s.health.call_failed(now);
        }
        const int needed = probes_to_recover(s.health, now, 5s);
        worst = std::max(worst, needed);
        ASSERT_LE(needed, 9) << "history " << n;
    }
    std::cout << "H-7: at most " << worst << " probes at 5 s\n";
}

// After a storm of failed calls the window has to fade, which takes time and not probes: at the
// regular interval nine are enough whatever came before.
TEST(HealthProperties, H7_nine_regular_probes_recover_any_history_of_calls) {
    SplitMix r(printed_seed("H-7, calls"));
    int worst = 0;
    for (int n = 0; n < histories; ++n) {
        Subject s(BreakerLevel::closed, 0);
        TimePoint now = s.start;
        for (const Event& e : random_history(r, 10)) {
            (void)s.wait(e);
            if (s.health.missed() < 2 || e.kind != Kind::probe_missed) (void)s.end(e);
            now = s.start + e.at;
        }
        const std::uint64_t storm = r.next() % 8 == 0 ? r.next() % 2000 : 0;
        for (std::uint64_t i = 0; i < storm; ++i) s.health.call_failed(now);
        const int needed = probes_to_recover(s.health, now, 27s);
        worst = std::max(worst, needed);
        ASSERT_LE(needed, 9) << "history " << n;
    }
    std::cout << "H-7: at most " << worst << " probes at 27 s\n";
}

}  // namespace
}  // namespace haive::mcp
