#include "chaos/simulation.hpp"

#include "chaos/calls.hpp"
#include "chaos/faults.hpp"
#include "chaos/operations.hpp"
#include "chaos/scene.hpp"

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

namespace {

constexpr Duration longest_close = 6s;
constexpr Duration handshake_time = 3s;
constexpr Duration second_opinion = 30s;
constexpr Duration longest_attempt = 30s;

class Simulation {
public:
    Simulation(std::uint64_t seed, bool aloud, Habits habits)
        : scene_(seed, aloud, habits), calls_(scene_), operations_(scene_), faults_(scene_) {}

    Report run() {
        length_ = scene_.dice.magnitude(3min, 1h);
        const int count = scene_.dice.between(1, 3);
        for (int i = 0; i < count; ++i) present_.push_back(&create());
        scene_.reflex = [this](Subject& subject) { react(subject); };
        scene_.moved = [this](Subject& subject) { hunt(subject); };
        plan();
        scene_.run_until(began_ + length_);
        troubled_ = false;
        if (scene_.dice.chance(0.8)) recover();
        end();
        scene_.report.hash = scene_.trace.hash();
        scene_.report.coverage.virtual_time = scene_.now() - began_;
        return std::move(scene_.report);
    }

private:
    Subject& create();
    ConnectionOptions random_options(const Wire::Kind& kind);
    void plan();
    Duration moment(const std::vector<Duration>& anchors);
    Subject& somebody() {
        return *present_[static_cast<std::size_t>(scene_.dice.between(0, static_cast<int>(present_.size()) - 1))];
    }
    void operate(Subject& subject);
    void react(Subject& subject);
    void hunt(Subject& subject);
    void recover();
    void expect_up(Subject& subject, TimePoint healed, Duration bound);
    void end();
    void close_all(Operations::Kind how);
    void expect_nothing(const std::string& after);

    Scene scene_;
    Calls calls_;
    Operations operations_;
    Faults faults_;
    std::vector<Subject*> present_;
    TimePoint began_ = scene_.now();
    Duration length_{};
    bool troubled_ = true;
    int reacting_ = 0;
    double reaction_chance_ = scene_.dice.pick({0.0, 0.02, 0.15});
};

ConnectionOptions Simulation::random_options(const Wire::Kind& kind) {
    Dice& dice = scene_.dice;
    ConnectionOptions o;
    o.runtime = scene_.rt.runtime;
    o.auto_reconnect = dice.chance(0.7);
    o.max_reconnect_attempts = dice.pick({0, 1, 1, 1, 2, 3, 5, 5, -1});
    o.reconnect_delay = Seconds(dice.pick({0.1, 0.5, 1.0, 1.0, 2.0}));
    o.max_reconnect_delay = Seconds(dice.pick({2.0, 10.0, 60.0}));
    o.health_check_interval = Seconds(dice.pick({5.0, 5.0, 5.0, 15.0, 30.0, 60.0}));
    o.connection_timeout = Seconds(dice.pick({3.0, 10.0, 30.0}));
    o.jitter = dice.pick({0.5, 0.5, 0.0, 1.0});
    o.backoff_multiplier = dice.pick({2.0, 2.0, 1.5});
    if (dice.chance(0.3)) o.stable_uptime = Seconds(dice.pick({0.0, 2.0, 20.0}));
    if (dice.chance(0.4)) o.revive_after = Seconds(dice.pick({5.0, 60.0, 300.0}));
    if (dice.chance(0.2)) o.ping_timeout = Seconds(dice.between(0.2, 4.0));
    o.dead_after = dice.pick({1, 1, 2, 3, 3, 3});
    o.request_timeout = Seconds(dice.pick({1.0, 5.0, 20.0, 60.0}));
    o.trust_annotations = dice.chance(0.3);
    o.wait_for_ready = dice.chance(0.3);
    if (dice.chance(0.15) && kind.modern != kind.legacy) {
        o.client.era = kind.modern ? EraPreference::modern : EraPreference::legacy;
    }
    return o;
}

Subject& Simulation::create() {
    Dice& dice = scene_.dice;
    const int number = static_cast<int>(scene_.subjects.size()) + 1;
    Wire::Kind kind;
    const int era = dice.between(0, 2);
    kind.modern = era != 0;
    kind.legacy = era != 1;
    kind.listens = dice.chance(0.5);
    kind.close_takes = dice.chance(0.4) ? 0ns : dice.magnitude(1ms, longest_close);
    kind.lingers = dice.chance(0.4);
    auto wire =
        std::make_shared<Wire>(scene_.agenda, scene_.ledger, scene_.trace, scene_.report, kind, number, dice.next());
    const std::string name = "server " + std::to_string(number);
    Subject& subject = scene_.subject(std::make_unique<Subject>(name, random_options(kind), wire));
    subject.connection = std::make_unique<MCPConnection>(name, ChaosTransport(wire), subject.options);
    const auto begin = [&](Duration latest, Operations::Kind kind) {
        scene_.agenda.after(dice.magnitude(1us, latest), [this, &subject, kind] {
            if (troubled_) operations_.carry_out(subject, kind);
        });
    };
    if (dice.chance(0.9)) begin(5s, dice.chance(0.7) ? Operations::Kind::connect : Operations::Kind::start);
    if (dice.chance(0.7)) begin(30s, Operations::Kind::start);
    return subject;
}

/// A moment of the troubled time: anywhere, or soon after one of the anchors, or at it.
Duration Simulation::moment(const std::vector<Duration>& anchors) {
    Dice& dice = scene_.dice;
    if (anchors.empty() || dice.chance(0.3)) return dice.between(1ms, length_);
    const Duration anchor = anchors[static_cast<std::size_t>(dice.between(0, static_cast<int>(anchors.size()) - 1))];
    if (dice.chance(0.1)) return anchor;
    return std::min<Duration>(anchor + dice.magnitude(100us, 90s), length_);
}

void Simulation::plan() {
    Dice& dice = scene_.dice;
    std::vector<Duration> anchors;
    const int connections = static_cast<int>(present_.size());
    for (int i = dice.between(5, 20) * connections; i > 0; --i) {
        const Duration when = moment(anchors);
        anchors.push_back(when);
        scene_.agenda.at(began_ + when, [this] { faults_.happen(somebody()); });
    }
    for (int i = dice.between(2, 40) * connections; i > 0; --i) {
        const Duration when = moment(anchors);
        if (dice.chance(0.3)) anchors.push_back(when);
        scene_.agenda.at(began_ + when, [this] { operate(somebody()); });
    }
    for (int i = dice.between(20, 200) * connections; i > 0; --i) {
        scene_.agenda.at(began_ + moment(anchors), [this] { calls_.make(somebody()); });
    }
}

/// One thing, or several in one breath.
void Simulation::operate(Subject& subject) {
    do {
        operations_.do_something(subject);
    } while (scene_.dice.chance(0.2));
    if (subject.connection || !troubled_) return;
    // A destroyed connection gets a successor now or never.
    if (scene_.dice.chance(0.8)) {
        Subject& next = create();
        std::ranges::replace(present_, &subject, &next);
    }
}

/// What a program does in the callback of something that ended.
void Simulation::react(Subject& subject) {
    if (!troubled_ || reacting_ > 3 || !scene_.dice.chance(reaction_chance_)) return;
    ++reacting_;
    if (scene_.dice.chance(0.5)) {
        operate(subject);
    } else {
        calls_.make(subject);
    }
    --reacting_;
}

/// Some states are rare and short; what happens in them is worth more than what happens anywhere.
void Simulation::hunt(Subject& subject) {
    if (!troubled_) return;
    using Kind = Operations::Kind;
    Dice& dice = scene_.dice;
    const Phase phase = subject.checker.phase();
    const ConnectionOptions& o = subject.options;
    const bool came_back = subject.wire->lives > 1 && o.max_reconnect_attempts > 0 && o.max_reconnect_attempts < 3;
    const bool old_one_closing = subject.wire->live > 0 && !subject.checker.connected();
    const auto operate_within = [&](Duration longest, Kind kind) {
        scene_.agenda.after(dice.magnitude(1us, longest), [this, &subject, kind] {
            if (troubled_) operations_.carry_out(subject, kind);
        });
    };
    if (phase == Phase::suspect && dice.chance(!o.auto_reconnect ? 0.75 : came_back ? 0.4 : 0.3)) {
        const int roll = dice.between(0, o.auto_reconnect ? 9 : 14);
        if (roll < 1) operate_within(3s, Kind::disconnect);
        if (roll == 1) operate_within(3s, Kind::reconnect);
        if (roll == 2 || roll == 3 || (roll > 3 && o.auto_reconnect)) {
            scene_.agenda.after(dice.magnitude(1us, 2s), [this, &subject] { faults_.die_somehow(subject); });
        } else if (roll > 3) {
            // With every probe given up and no calls, a server may end in order.
            operate_within(1s, Kind::stop);
            scene_.agenda.after(6 * ping_timeout(o) + 1s, [&subject] { subject.wire->die(true); });
        }
    } else if (phase == Phase::ready && came_back && dice.chance(0.7)) {
        faults_.deafen(subject, dice.pick<Duration>({20s, 60s}));  // it came back, and hangs
    } else if (phase == Phase::gated && dice.chance(0.1)) {
        scene_.rt.loop->post([this, &subject] { operations_.carry_out(subject, Kind::disconnect); });
    } else if (old_one_closing && phase != Phase::closing && dice.chance(phase == Phase::idle ? 1.0 : 0.3)) {
        operate_within(phase == Phase::idle ? 1ms : 500ms, Kind::disconnect);
    }
}

/// Liveness (L): the faults are over; what is wanted and can be had must come.
void Simulation::recover() {
    const TimePoint healed = scene_.now();
    for (auto& subject : scene_.subjects) {
        subject->wire->note("healed");
        subject->wire->heal();
    }
    Duration longest{};
    for (Subject* subject : present_) {
        const ConnectionOptions& o = subject->options;
        const Duration in_flight =
            subject->patient_until > healed ? longest_attempt : to_duration(o.connection_timeout);
        const Duration bound = to_duration(o.max_reconnect_delay) + in_flight + longest_close + handshake_time;
        longest = std::max(longest, bound);
        if (subject->checker.coming()) {
            scene_.agenda.at(healed + bound, [this, subject, healed, bound] { expect_up(*subject, healed, bound); });
        }
    }
    // A probe or second opinion that was lost before may still cost a connection after.
    scene_.run_until(healed + longest + second_opinion + 10s + longest);
    for (Subject* subject : present_) {
        expect_up(*subject, healed, longest);
        if (subject->connection && subject->checker.connected()) calls_.make_certain(*subject);
    }
    for (int i = 0; i < 9; ++i) {
        for (Subject* subject : present_) operations_.carry_out(*subject, Operations::Kind::health);
        scene_.run_until(scene_.now() + 20s);
    }
    scene_.run_until(scene_.now() + 10min);
    for (Subject* subject : present_) {
        if (!subject->connection || !subject->checker.connected()) continue;
        // Churn halves in five minutes, and a long crash loop has gathered much of it.
        for (int i = 0; i < 16 && subject->connection->health().limiting == HealthFactor::churn; ++i) {
            if (subject->connection->is_healthy()) break;
            scene_.run_until(scene_.now() + 5min);
        }
        if (!subject->connection->is_healthy()) {
            subject->wire->fail("healed long ago, its score is " + std::to_string(subject->connection->health().score));
        }
    }
}

void Simulation::expect_up(Subject& subject, TimePoint healed, Duration bound) {
    if (!subject.connection || subject.checker.connected()) return;
    const std::string phase(to_string(subject.checker.phase()));
    if (subject.checker.coming()) {
        const Duration outage = scene_.now() - std::max(healed, subject.checker.coming_since());
        if (outage < bound) return;  // revived only now
        subject.wire->fail(std::to_string(to_seconds(outage)) + " s after the faults still " + phase + " (L)");
        return;
    }
    if (subject.checker.attempt_at() > std::max(healed, subject.impatient_until)) {
        subject.wire->fail(phase + ": an attempt failed although the server was well (L)");
    }
}

/// Everything is closed, then destroyed; after each nothing may be left.
void Simulation::end() {
    if (scene_.dice.chance(0.5)) {
        close_all(Operations::Kind::disconnect);
        expect_nothing("disconnect()");
    }
    close_all(Operations::Kind::destroy);
    expect_nothing("the end");
    calls_.check();
    operations_.check();
}

void Simulation::close_all(Operations::Kind how) {
    for (auto& subject : scene_.subjects) {
        if (subject->connection) operations_.carry_out(*subject, how);
    }
    bool opening = false;
    for (auto& subject : scene_.subjects) opening = opening || subject->wire->openings > 0;
    // A call may sit out a pause or its wait for a connection, five seconds each.
    scene_.run_until(scene_.now() + longest_close + 6s + (opening ? longest_attempt : 0s));
    scene_.agenda.clear();
}

void Simulation::expect_nothing(const std::string& after) {
    for (auto& subject : scene_.subjects) {
        if (subject->wire->live != 0) subject->wire->fail("a channel is left after " + after);
        if (subject->checker.phase() != Phase::idle) {
            subject->wire->fail("still " + std::string(to_string(subject->checker.phase())) + " after " + after);
        }
    }
    const std::size_t timers = scene_.rt.loop->timers();
    const std::size_t posted = scene_.rt.loop->ready();
    if (timers != 0) scene_.report.fail(std::to_string(timers) + " timers are left after " + after + " (SM-6)");
    if (posted != 0) scene_.report.fail(std::to_string(posted) + " pieces of work are left after " + after);
}

}  // namespace

Report run_seed(std::uint64_t seed, bool aloud, Habits habits) {
    Simulation simulation(seed, aloud, habits);
    return simulation.run();
}

}  // namespace haive::mcp::chaos
