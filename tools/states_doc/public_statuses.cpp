#include "states_doc/public_statuses.hpp"

#include "connection/connection_machine.hpp"

#include <random>

namespace haive::mcp::states_doc {

namespace {

constexpr int walks = 2000;
constexpr int steps = 200;
constexpr int attempt_classes = 3;

/// What the transport does, so far as it limits which events can come.
struct Wire {
    bool open = false;
    bool closing = false;

    void after(const Actions& actions) {
        if (actions.close) open = false, closing = true;
        if (actions.open) open = true;
    }
    [[nodiscard]] bool can_tell(EventType type) const {
        switch (type) {
            case EventType::opened:
            case EventType::handshake_ok:
            case EventType::attempt_failed:
            case EventType::lost:
            case EventType::session_lost:
            case EventType::probe_missed:
            case EventType::answered: return open;
            case EventType::closed: return closing;
            default: return true;
        }
    }
};

MachineEvent any_event(std::mt19937_64& dice) {
    MachineEvent event;
    event.type = static_cast<EventType>(dice() % event_types);
    event.random = 0.5;
    // Only these two have a cause of their own. Mostly retryable, or walks would end early.
    if (event.type == EventType::attempt_failed || event.type == EventType::lost) {
        if (dice() % 4 == 0) event.cause.cls = static_cast<AttemptClass>(dice() % attempt_classes);
        event.cause.graceful = dice() % 4 == 0;
    }
    return event;
}

}  // namespace

std::map<Phase, std::set<ConnectionStatus>> public_statuses() {
    std::map<Phase, std::set<ConnectionStatus>> found;
    std::mt19937_64 dice(1);
    for (int walk = 0; walk < walks; ++walk) {
        MachineOptions options;
        options.auto_reconnect = dice() % 4 != 0;
        options.max_reconnect_attempts = 1;
        options.revive_after = std::chrono::seconds(1);
        ConnectionMachine machine(options);
        Wire wire;
        TimePoint now{};
        for (int step = 0; step < steps; ++step) {
            now += std::chrono::seconds(1);
            const MachineEvent event = any_event(dice);
            if (!wire.can_tell(event.type)) continue;
            if (event.type == EventType::closed) wire.closing = false;
            wire.after(machine.on(event, now));
            found[machine.phase()].insert(machine.status());
        }
    }
    return found;
}

}  // namespace haive::mcp::states_doc
