#pragma once

#include "chaos/agenda.hpp"
#include "chaos/chaos_wire.hpp"
#include "chaos/dice.hpp"
#include "chaos/habits.hpp"
#include "chaos/ledger.hpp"
#include "chaos/report.hpp"
#include "chaos/status_checker.hpp"
#include "chaos/trace.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "support/manual_loop.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace haive::mcp::chaos {

/// One connection object, its server, and who watches it. Stays when the object is destroyed.
struct Subject {
    Subject(std::string n, ConnectionOptions o, std::shared_ptr<Wire> w)
        : name(std::move(n)), options(std::move(o)), wire(std::move(w)), checker(wire, options) {}

    const std::string name;
    const ConnectionOptions options;
    const std::shared_ptr<Wire> wire;
    StatusChecker checker;
    std::unique_ptr<MCPConnection> connection;
    std::shared_ptr<MCPClient> client;  ///< once there was one; used after the object's end too
    TimePoint impatient_until{};        ///< an attempt that begins before may have been given too little time
    TimePoint patient_until{};          ///< an attempt that was given more than connection_timeout may go on till then
};

/// What all parts of one simulation share.
struct Scene {
    Scene(std::uint64_t seed, bool aloud, Habits wanted);

    const Habits habits;

    Report report;
    Trace trace;
    testing::ManualRuntime rt;
    Agenda agenda;
    Ledger ledger;
    Dice dice;
    std::vector<std::unique_ptr<Subject>> subjects;
    /// What a program does in the callback of an operation that ended: sometimes something.
    std::function<void(Subject&)> reflex = [](Subject&) {};
    /// A connection has come to another phase.
    std::function<void(Subject&)> moved = [](Subject&) {};

    [[nodiscard]] TimePoint now() const { return rt.loop->now(); }
    void run_until(TimePoint when);
    /// The process sleeps: time passes and nothing runs.
    void freeze(Duration length);
    /// The latest moment at which something due at `limit` may happen.
    [[nodiscard]] TimePoint latest(TimePoint limit) const;
    Subject& subject(std::unique_ptr<Subject> added);

private:
    class Router;
    std::vector<std::pair<TimePoint, TimePoint>> freezes_;
    std::shared_ptr<Router> router_;
};

}  // namespace haive::mcp::chaos
