// Prints docs/internals/states.md from the transition table and the machine. tools/gen_states_doc.py runs it.
#include "connection/transition_table.hpp"
#include "states_doc/phase_notes.hpp"
#include "states_doc/public_statuses.hpp"

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp::states_doc {

namespace {

constexpr std::string_view head = R"(# The states of a connection

<!-- Printed by tools/gen_states_doc.py from src/connection/transition_table.hpp. Do not edit: change the table
or tools/states_doc/, and run tools/gen_states_doc.py. -->

A connection is in one *phase*. The public *status* follows from it: the documented five values are what programs
decide on, the phase says more (`get_info().metadata["phase"]`, `explain()`, the `status` events).

`src/connection/connection_machine.hpp` is the whole of the rules: a pure function of phase, event and time. Nothing
else decides when to open, wait, give up or close. `src/connection/connection_core.cpp` carries its decisions out and
has none of its own. The machine asserts that every change of phase it makes is a row of the table below.

)";

constexpr std::string_view before_table = R"(
## The table

Events that change no phase are not here: a second `connect()` joins the attempt under way or returns at once,
`stop_monitoring()` only stops probes, `stable_uptime` only forgets attempts. Rules are called as tests and
comments call them. In the guards:

- *engine active*: `auto_reconnect` is on, `max_reconnect_attempts` is not 0, nobody called `disconnect()`, and the
  connection was up since it was asked for, or it is monitored.
- *attempts left*: fewer attempts than `max_reconnect_attempts` are charged to this outage. An outage ends, and its
  attempts are forgotten, only after `stable_uptime` with at least one answer. A handshake alone does not end it.
- *retryable*, *not retryable*, *needs credentials*: the attempt class of the error (`Error::attempt_class()`).
- *graceful*: the server exited with 0 while nothing was in flight.

| rule | from | event | guard | to | what is done |
|---|---|---|---|---|---|
)";

constexpr std::string_view after_table = R"(
News of a transport carries its number (the *generation*, in the code *epoch*). News of an older one is dropped and
counted, so the late end of a dead process cannot disturb its successor.

Nothing raises `credentials changed` and `drain` yet: the first needs a login, the second a pool. The
driver reports a transport that is lost while it is being opened as a failed attempt.

## The picture

Left out: `disconnect()`, which leads from every phase to `closing` while a transport is open or closing, and to
`idle` otherwise; and what `suspect` and `draining` share with `ready`, and `opening` with `handshaking`.

)";

std::string code(std::string_view text) { return '`' + std::string(text) + '`'; }

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? std::string() : std::string(between)) + part;
    return out;
}

void add_once(std::vector<std::string>& list, std::string text) {
    if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

std::string statuses_of(const std::set<ConnectionStatus>& statuses, std::string_view between) {
    std::vector<std::string> names;
    for (const ConnectionStatus status : statuses) names.push_back(code(to_string(status)));
    return joined(names, between);
}

/// The rows that differ only in where they start, as one.
struct Row {
    const Transition* first;
    std::vector<std::string> from;
};

std::vector<Row> merged_rows() {
    std::vector<Row> rows;
    for (const Transition& t : transitions) {
        const auto same = std::ranges::find_if(rows, [&t](const Row& row) {
            const Transition& o = *row.first;
            return o.rule == t.rule && o.event == t.event && o.guard == t.guard && o.to == t.to && o.action == t.action;
        });
        if (same == rows.end()) {
            rows.push_back(Row{&t, {code(to_string(t.from))}});
        } else {
            add_once(same->from, code(to_string(t.from)));
        }
    }
    return rows;
}

void print_table(std::ostream& out) {
    for (const Row& row : merged_rows()) {
        const Transition& t = *row.first;
        out << "| " << t.rule << " | " << joined(row.from, ", ") << " | " << to_string(t.event) << " | " << t.guard
            << " | " << code(to_string(t.to)) << " | " << t.action << " |\n";
    }
}

struct Edge {
    Phase from;
    Phase to;
    std::vector<std::string> events;
};

std::vector<Edge> edges_of_picture() {
    std::vector<Edge> edges;
    for (const Transition& t : transitions) {
        if (t.event == EventType::disconnect) continue;
        auto edge = std::ranges::find_if(edges, [&t](const Edge& e) { return e.from == t.from && e.to == t.to; });
        if (edge == edges.end()) edge = edges.insert(edges.end(), Edge{t.from, t.to, {}});
        add_once(edge->events, std::string(to_string(t.event)));
    }
    // Phases that mostly behave like another one are drawn only where they differ from it.
    const auto model = [](Phase phase) {
        if (phase == Phase::suspect || phase == Phase::draining) return Phase::ready;
        return phase == Phase::opening ? Phase::handshaking : phase;
    };
    const std::vector<Edge> all = edges;
    std::erase_if(edges, [&](const Edge& e) {
        return model(e.from) != e.from && std::ranges::any_of(all, [&](const Edge& o) {
                   return o.from == model(e.from) && o.to == e.to && o.events == e.events;
               });
    });
    return edges;
}

void print_picture(std::ostream& out) {
    out << "```mermaid\nstateDiagram-v2\n    [*] --> idle\n";
    for (const Edge& e : edges_of_picture()) {
        out << "    " << to_string(e.from) << " --> " << to_string(e.to) << " : " << joined(e.events, ", ") << '\n';
    }
    out << "```\n";
}

/// Paragraphs are wrapped like the pages that people write.
void print_wrapped(std::ostream& out, std::string words) {
    constexpr std::size_t columns = 118;
    std::ranges::replace(words, '\n', ' ');
    std::string_view text = words;
    while (text.size() > columns) {
        const std::size_t end = text.rfind(' ', columns);
        out << text.substr(0, end) << '\n';
        text.remove_prefix(end + 1);
    }
    out << text << '\n';
}

void print_phase(std::ostream& out, Phase phase, const std::set<ConnectionStatus>& statuses) {
    std::vector<std::string> before;
    std::vector<std::string> after;
    for (const Transition& t : transitions) {
        if (t.to == phase) add_once(before, code(to_string(t.from)));
        if (t.from == phase) add_once(after, code(to_string(t.to)));
    }
    out << "\n### " << to_string(phase) << "\n\n";
    print_wrapped(out, "Status " + statuses_of(statuses, " or ") + ". " + std::string(note_on(phase)));
    out << '\n';
    print_wrapped(out, "Comes from " + joined(before, ", ") + "; goes to " + joined(after, ", ") + '.');
}

int print_page(std::ostream& out) {
    const auto statuses = public_statuses();
    if (statuses.size() != all_phases.size()) {
        std::cerr << "states_doc: the walk reached " << statuses.size() << " of " << all_phases.size() << " phases\n";
        return 1;
    }
    out << head << "| phase | status |\n|---|---|\n";
    for (const Phase phase : all_phases) {
        out << "| " << code(to_string(phase)) << " | " << statuses_of(statuses.at(phase), ", ") << " |\n";
    }
    out << before_table;
    print_table(out);
    out << after_table;
    print_picture(out);
    out << "\n## The phases, one by one\n";
    for (const Phase phase : all_phases) print_phase(out, phase, statuses.at(phase));
    return 0;
}

}  // namespace

}  // namespace haive::mcp::states_doc

int main() { return haive::mcp::states_doc::print_page(std::cout); }
