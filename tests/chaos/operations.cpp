#include "chaos/operations.hpp"

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, Operations::kinds> names{
    "connect", "disconnect", "reconnect", "start_monitoring", "stop_monitoring", "health_check", "wait", "destroy"};

constexpr Duration longest_disconnect = 8s;
constexpr Duration longest_timeout = 30s;

}  // namespace

Duration ping_timeout(const ConnectionOptions& o) {
    if (o.ping_timeout > Seconds(0)) return to_duration(o.ping_timeout);
    return std::min<Duration>(10s, to_duration(o.health_check_interval) / 2);
}

Operations::Operations(Scene& scene) : scene_(scene) {
    // Each seed likes some things more than others, and some not at all.
    for (int& weight : weights_) weight = scene.dice.pick({0, 1, 2, 5});
    weights_[static_cast<std::size_t>(Kind::connect)] = scene.dice.pick({1, 3, 6});
    weights_[static_cast<std::size_t>(Kind::destroy)] = scene.dice.pick({0, 0, 1});
}

void Operations::do_something(Subject& subject) {
    int total = 0;
    for (const int weight : weights_) total += weight;
    int roll = scene_.dice.between(0, total - 1);
    for (std::size_t i = 0; i < kinds; ++i) {
        roll -= weights_[i];
        if (roll < 0) return carry_out(subject, static_cast<Kind>(i));
    }
}

void Operations::carry_out(Subject& subject, Kind kind) {
    if (!subject.connection) return;
    MCPConnection& c = *subject.connection;
    Dice& dice = scene_.dice;
    const Duration own = to_duration(subject.options.connection_timeout);
    ++scene_.report.coverage.operations;
    switch (kind) {
        case Kind::connect: {
            std::optional<Seconds> timeout;
            if (dice.chance(0.4)) timeout = Seconds(to_seconds(dice.magnitude(1ms, longest_timeout)));
            if (dice.chance(0.05)) timeout = Seconds(0);
            const Phase phase = subject.checker.phase();
            const bool at_rest = subject.wire->live == 0 && !subject.checker.coming() && phase != Phase::closing;
            if (!at_rest && !scene_.habits.connects_meanwhile_with_a_timeout) timeout.reset();
            const Duration limit = timeout ? to_duration(*timeout) : own;
            // At rest the attempt begins at once, with the time that was asked for.
            if (limit < 3s) subject.impatient_until = scene_.now();
            if (limit > own) subject.patient_until = scene_.now() + limit;
            subject.wire->note(names[0], limit.count());
            StatusChecker::Asking asking(subject.checker, EventType::connect);
            follow(subject, kind, limit + 20ms, c.connect(timeout));
            break;
        }
        case Kind::disconnect: {
            subject.wire->note(names[1]);
            StatusChecker::Asking asking(subject.checker, EventType::disconnect);
            follow(subject, kind, longest_disconnect, c.disconnect());
            break;
        }
        case Kind::reconnect: {
            subject.wire->note(names[2]);
            StatusChecker::Asking asking(subject.checker, EventType::reconnect);
            follow(subject, kind, std::max(own, longest_timeout) + longest_disconnect, c.reconnect());
            break;
        }
        case Kind::start: {
            subject.wire->note(names[3]);
            StatusChecker::Asking asking(subject.checker, EventType::start_monitoring);
            follow(subject, kind, 0s, c.start_monitoring());
            break;
        }
        case Kind::stop: {
            subject.wire->note(names[4]);
            StatusChecker::Asking asking(subject.checker, EventType::stop_monitoring);
            follow(subject, kind, 0s, c.stop_monitoring());
            break;
        }
        case Kind::health:
            subject.wire->note(names[5]);
            follow(subject, kind, ping_timeout(subject.options) + 50ms, c.health_check());
            break;
        case Kind::wait: {
            const Duration limit = dice.magnitude(1ms, 60s);
            subject.wire->note(names[6], limit.count());
            follow(subject, kind, limit, c.wait_until_connected(Seconds(to_seconds(limit))));
            break;
        }
        case Kind::destroy: {
            subject.wire->note(names[7]);
            StatusChecker::Asking asking(subject.checker, EventType::stop_monitoring);
            StatusChecker::Asking closing(subject.checker, EventType::disconnect);
            auto last = std::move(subject.connection);
            last.reset();
            break;
        }
    }
}

template <class T>
void Operations::follow(Subject& subject, Kind kind, Duration limit, Async<T> operation) {
    const std::size_t index = operations_.size();
    operations_.push_back(Operation{kind, &subject, scene_.now() + limit});
    auto handle = operation;
    operation.then([this, index](Result<T> result) {
        Operation& op = operations_[index];
        Wire& wire = *op.subject->wire;
        bool good = result.has_value();
        if constexpr (std::is_same_v<T, std::shared_ptr<MCPClient>>) {
            if (good && *result) op.subject->client = *result;
            if (good && !*result && op.kind != Kind::reconnect) wire.fail("a null client without an error");
            good = good && *result;
        }
        if (result.has_error()) {
            const bool cancelled = result.error().kind() == ErrorKind::cancelled;
            const bool may_fail = op.kind == Kind::connect || op.kind == Kind::wait || cancelled;
            if (!may_fail)
                wire.fail(std::string(names[static_cast<std::size_t>(op.kind)]) +
                          " failed: " + result.error().to_string());
        }
        ended(index, good);
    });
    if (scene_.dice.chance(0.1)) {
        scene_.agenda.after(scene_.dice.magnitude(1us, 20s), [handle]() mutable { handle.cancel(); });
    }
}

void Operations::ended(std::size_t index, bool good) {
    Operation& op = operations_[index];
    Subject& subject = *op.subject;
    const std::string name(names[static_cast<std::size_t>(op.kind)]);
    subject.wire->note("ended", good ? 1 : 0, name);
    if (++op.ends > 1) subject.wire->fail(name + " ended twice");
    if (scene_.now() > scene_.latest(op.limit)) {
        subject.wire->fail(name + " ended " + std::to_string(to_seconds(scene_.now() - op.limit)) + " s too late");
    }
    if (op.kind != Kind::health || scene_.habits.acts_when_a_health_check_ends) scene_.reflex(subject);
}

void Operations::check() {
    for (const Operation& op : operations_) {
        if (op.ends == 1) continue;
        op.subject->wire->fail(std::string(names[static_cast<std::size_t>(op.kind)]) + " has " +
                               std::to_string(op.ends) + " ends");
    }
}

}  // namespace haive::mcp::chaos
