#pragma once

#include "chaos/agenda.hpp"
#include "chaos/dice.hpp"
#include "chaos/ledger.hpp"
#include "chaos/report.hpp"
#include "chaos/trace.hpp"
#include "haive/mcp/transport/transport.hpp"
#include "transport/stream/byte_stream.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp::chaos {

class Life;

/// When the next call kills the server.
enum class Death : std::uint8_t { none, on_receipt, after_execution, inside_the_answer };

/// How the way to a server, and the server, behave now. Unchanged it is a good one; faults change it.
struct Behaviour {
    static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

    std::optional<AttemptClass> refuses;  ///< openings fail, as this class
    Duration open_takes{};
    std::size_t slice = all;  ///< bytes per block that the client gets
    bool reads = true;        ///< false: stopped; bytes are taken, nothing is said
    Duration quickest = std::chrono::milliseconds(1);
    Duration slowest = std::chrono::milliseconds(30);
    bool answers_pings = true;
    bool answers_handshake = true;
    bool answers_calls = true;
    bool wrong_version = false;  ///< the handshake agrees on nothing
    double twice = 0;            ///< chances, per answer
    double stray = 0;
    double junk = 0;
    double half_line = 0;
    double rpc_error = 0;
    std::optional<Duration> dies_after_handshake;
    Death next_call = Death::none;
    AttemptClass death_class = AttemptClass::retryable;
};

/// The far end of one connection, through all its lives: which eras it speaks, how it behaves, what it did.
class Wire : public std::enable_shared_from_this<Wire> {
public:
    struct Kind {
        bool modern = true;
        bool legacy = true;
        bool listens = false;  ///< keeps `subscriptions/listen` open instead of refusing it
        Duration close_takes{};
        bool lingers = false;  ///< closing takes its time after a death too: somebody holds its pipes (F7)
    };
    Wire(Agenda& agenda, Ledger& ledger, Trace& trace, Report& report, Kind kind, int number, std::uint64_t seed)
        : agenda(agenda), ledger(ledger), trace(trace), report(report), kind(kind), number(number), dice(seed) {}

    Agenda& agenda;
    Ledger& ledger;
    Trace& trace;
    Report& report;
    const Kind kind;
    const int number;
    Dice dice;
    Behaviour behaviour;
    std::size_t room = Behaviour::all;  ///< bytes that the pipe still takes
    std::uint64_t generation = 0;       ///< of the connection, as its events tell
    std::shared_ptr<Life> life;         ///< the present one, while the client has it open

    int lives = 0;
    int openings = 0;  ///< on their way: nothing can call one off
    int live = 0;      ///< channels that are open or being closed
    int most_live = 0;
    bool losing = false;  ///< the client is being told of a loss at this moment

    /// The present life ends at once: no more bytes either way. Not after `heal`.
    void die(bool graceful = false);
    /// Room for so many more bytes.
    void make_room(std::size_t bytes);
    void stop() { behaviour.reads = false; }
    void go_on();
    /// All faults end, those to come too.
    void heal();
    void note(std::string_view what, std::int64_t value = 0, std::string_view text = {}) {
        trace.note(agenda.now(), number, what, value, text);
    }
    void fail(const std::string& text) { report.fail("#" + std::to_string(number) + " " + text); }

private:
    bool healed_ = false;
};

/// Opens lives of a wire's server.
class ChaosTransport final : public MCPTransport {
public:
    explicit ChaosTransport(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override {
        return std::make_shared<ChaosTransport>(*this);
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "ChaosTransport"; }
    [[nodiscard]] std::string describe() const override { return "simulated server"; }

private:
    std::shared_ptr<Wire> wire_;
};

}  // namespace haive::mcp::chaos
