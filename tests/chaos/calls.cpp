#include "chaos/calls.hpp"

#include <charconv>

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t answered = 0, not_sent = 1, maybe_executed = 2, executed = 3;

std::string number_text(std::size_t n) { return std::to_string(n); }

std::size_t verdict_of(const std::optional<Error>& error) {
    if (!error) return answered;
    switch (error->disposition()) {
        case Disposition::not_sent: return not_sent;
        case Disposition::maybe_executed: return maybe_executed;
        case Disposition::executed: return executed;
    }
    return executed;
}

}  // namespace

CallOptions Calls::options_of(Call& call) {
    Dice& dice = scene_.dice;
    CallOptions o;
    Seconds idle = call.subject->options.request_timeout;
    if (dice.chance(0.5)) o.timeout = idle = Seconds(to_seconds(dice.magnitude(10ms, 120s)));
    if (dice.chance(0.02)) o.timeout = idle = Seconds(0);
    Seconds total = idle * 10;
    if (dice.chance(0.4)) o.max_total_timeout = total = Seconds(to_seconds(dice.magnitude(10ms, 300s)));
    if (dice.chance(0.3)) o.wait_for_ready = dice.chance(0.7);
    if (dice.chance(0.3)) o.max_attempts = dice.between(1, 10);
    o.reset_on_progress = dice.chance(0.8);
    o.idempotent = call.kind == Kind::idempotent;
    call.deadline = saturating_add(scene_.now(), to_duration(total));
    return o;
}

void Calls::make(Subject& subject) {
    if (!subject.client && subject.connection && subject.connection->is_connected()) {
        subject.client = subject.connection->get_client();
    }
    if (!subject.client) return;
    // That a resting connection refuses calls is soon seen.
    if (!subject.checker.connected() && scene_.dice.chance(0.7)) return;
    Call call;
    call.subject = &subject;
    const int roll = scene_.dice.between(0, 99);
    call.kind = roll < 55   ? Kind::never_twice
                : roll < 75 ? Kind::idempotent
                : roll < 82 ? Kind::read
                : roll < 92 ? Kind::list
                            : Kind::ping;
    call.token = scene_.ledger.issue();
    CallOptions options = options_of(call);
    calls_.push_back(std::move(call));
    run(calls_.size() - 1, std::move(options));
}

void Calls::make_certain(Subject& subject) {
    if (!subject.client) subject.client = subject.connection->get_client();
    Call call;
    call.subject = &subject;
    call.token = scene_.ledger.issue();
    call.deadline = scene_.now() + 10s;
    call.certain = true;
    CallOptions options;
    options.timeout = options.max_total_timeout = 10s;
    calls_.push_back(std::move(call));
    run(calls_.size() - 1, std::move(options));
}

void Calls::run(std::size_t index, CallOptions options) {
    const Call call = calls_[index];
    const auto client = call.subject->client;
    call.subject->wire->note("calls", static_cast<std::int64_t>(call.token),
                             std::string(1, "nirlp"[static_cast<int>(call.kind)]));
    ++scene_.report.coverage.calls;
    json::object arguments;
    arguments["token"] = call.token;
    switch (call.kind) {
        case Kind::list: {
            // Half through the typed face, which takes no options.
            if (scene_.dice.chance(0.5)) {
                const Seconds total = call.subject->options.request_timeout * 10;
                calls_[index].deadline = scene_.now() + to_duration(total);
                follow(index, client->list_tools(scene_.dice.chance(0.2)));
            } else {
                follow(index, client->call("tools/list", RawJson("{}"), std::move(options)));
            }
            break;
        }
        case Kind::ping: {
            const Duration limit = scene_.dice.magnitude(10ms, 30s);
            calls_[index].deadline = scene_.now() + limit;
            follow(index, client->ping(Seconds(to_seconds(limit))));
            break;
        }
        case Kind::read: follow(index, client->call_tool("look", arguments, std::move(options))); break;
        default:
            if (scene_.dice.chance(0.3)) {
                const std::string params = R"({"name":"append","arguments":{"token":)" + number_text(call.token) + "}}";
                follow(index, client->call("tools/call", RawJson(params), std::move(options)));
            } else {
                follow(index, client->call_tool("append", arguments, std::move(options)));
            }
    }
}

template <class T>
void Calls::follow(std::size_t index, Async<T> operation) {
    auto handle = operation;  // for the cancel
    const bool certain = calls_[index].certain;
    operation.then([this, index](Result<T> result) {
        if (result.has_error()) {
            ended(index, result.error());
            return;
        }
        if constexpr (std::is_same_v<T, CallToolResult>) {
            read_answer(calls_[index], result->text());
        } else if constexpr (std::is_same_v<T, Reply>) {
            calls_[index].generation = result->generation;
            const std::string text(result->result.text());
            const std::size_t from = text.find("\"text\":\"");
            // A list has no text of its own behind such a key.
            if (from != std::string::npos) read_answer(calls_[index], text.substr(from + 8));
        }
        ended(index, std::nullopt);
    });
    if (!certain && scene_.dice.chance(0.15)) {
        scene_.agenda.after(scene_.dice.magnitude(1us, 20s), [handle]() mutable { handle.cancel(); });
    }
}

void Calls::read_answer(Call& call, const std::string& text) {
    std::size_t token = 0;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, token);
    if (first.ec != std::errc() || first.ptr == end) return;
    std::from_chars(first.ptr + 1, end, call.life);
    if (token != call.token) {
        call.subject->wire->fail("call " + number_text(call.token) + " got the answer to call " + number_text(token));
    }
}

void Calls::ended(std::size_t index, std::optional<Error> error) {
    Call& call = calls_[index];
    Subject& subject = *call.subject;
    Wire& wire = *subject.wire;
    const std::string name = "call " + number_text(call.token);
    wire.note(error ? to_string(error->kind()) : "answered", static_cast<std::int64_t>(call.token),
              error ? to_string(error->disposition()) : "");
    if (++call.ends > 1) wire.fail(name + " ended twice (Q-1)");
    if (scene_.now() > scene_.latest(call.deadline)) {
        wire.fail(name + " ended " + std::to_string(to_seconds(scene_.now() - call.deadline)) +
                  " s after its deadline");
    }
    if (call.certain && error) {
        wire.fail(name + " failed on a healed connection: " + error->to_string());
    }
    if (error && error->details().attempts > 1) ++scene_.report.coverage.resent;
    call.error = std::move(error);
    scene_.reflex(subject);  // may make calls: `call` is not to be used below
}

void Calls::check_ledger(const Call& call) {
    const auto& runs = scene_.ledger.of(call.token);
    const std::size_t verdict = verdict_of(call.error);
    const std::string name = "call " + number_text(call.token) + " (" +
                             (call.error ? std::string(to_string(call.error->kind())) : "answered") + ", " +
                             (call.error ? std::string(to_string(call.error->disposition())) : "executed") + ") ran " +
                             number_text(runs.size()) + " times";
    Wire& wire = *call.subject->wire;
    const bool once_at_most =
        call.kind == Kind::never_twice || (call.kind == Kind::read && !call.subject->options.trust_annotations);
    if (once_at_most && runs.size() > 1) wire.fail(name + ": class N twice (C2)");
    if (verdict == not_sent && !runs.empty()) wire.fail(name);
    if ((verdict == answered || verdict == executed) && runs.empty()) wire.fail(name);
    if (call.error && static_cast<int>(runs.size()) > call.error->details().attempts) {
        wire.fail(name + ", more than its " + std::to_string(call.error->details().attempts) + " attempts");
    }
    if (verdict == answered) {
        bool by_that_life = false;
        for (const Execution& run : runs) {
            by_that_life =
                by_that_life || (run.life == call.life && (call.generation == 0 || run.generation == call.generation));
        }
        if (!by_that_life)
            wire.fail(name + ", and life " + std::to_string(call.life) + " that answered ran none of them");
    }
    const std::size_t row = call.kind == Kind::idempotent ? 1 : call.kind == Kind::read ? 2 : 0;
    ++scene_.report.coverage.ends[row][verdict];
}

void Calls::check() {
    for (const Call& call : calls_) {
        if (call.ends != 1) {
            call.subject->wire->fail("call " + number_text(call.token) + " has " + std::to_string(call.ends) +
                                     " ends (Q-1)");
        }
        const bool ledger_tool = call.kind != Kind::list && call.kind != Kind::ping;
        if (ledger_tool && call.ends == 1) check_ledger(call);
    }
}

}  // namespace haive::mcp::chaos
