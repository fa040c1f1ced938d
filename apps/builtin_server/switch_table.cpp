// The switches, one row each: the order of `--help`.
#include "switch_table.hpp"

#include "switch_row.hpp"

#include <csignal>
#include <string_view>
#include <utility>

namespace builtin {

namespace {

void set_era(Switches& s, const char* value) {
    const std::string_view era(value);
    if (era != "both" && era != "legacy" && era != "modern") misuse("--era", "is legacy, modern or both");
    s.era = era == "both" ? Era::both : era == "legacy" ? Era::legacy : Era::modern;
}

void set_signal(Switches& s, const char* value) {
    std::string_view name(value);
    if (name.starts_with("SIG")) name.remove_prefix(3);
    for (const auto& [known, signal] : {std::pair<std::string_view, int>{"KILL", SIGKILL},
                                        {"SEGV", SIGSEGV},
                                        {"ABRT", SIGABRT},
                                        {"TERM", SIGTERM},
                                        {"INT", SIGINT},
                                        {"HUP", SIGHUP},
                                        {"QUIT", SIGQUIT},
                                        {"PIPE", SIGPIPE},
                                        {"BUS", SIGBUS},
                                        {"FPE", SIGFPE},
                                        {"ILL", SIGILL},
                                        {"USR1", SIGUSR1},
                                        {"USR2", SIGUSR2}}) {
        if (name == known) s.die_signal = signal;
    }
    if (s.die_signal == 0) misuse("--die-signal", "wants the name of a signal that kills, like SEGV");
}

void set_die_after_handshake(Switches& s, const char* value) {
    s.die_after_handshake = value != nullptr ? number<double>("--die-after-handshake", value) : 0;
}

void set_max_life(Switches& s, const char* value) {
    s.max_life = number<double>("--max-life", value);
    if (s.max_life <= 0) misuse("--max-life", "must be more than 0");
}

void set_exit_code(Switches& s, const char* value) {
    s.exit_code = number<int>("--exit-code", value);
    if (s.exit_code > 255) misuse("--exit-code", "is at most 255");
}

/// What happens to the lines themselves, and to good manners.
void add_line_switches(std::vector<Switch>& table) {
    using S = Switches;
    const std::vector<Switch> rows{
        row("--stderr-flood", "BYTES", "writes that much to stderr before it answers a call", &S::stderr_flood),
        row("--stderr-flood-start", "BYTES", "the same once, at the start", &S::stderr_flood_start),
        row("--junk", nullptr, "a line that is no message before each answer", &S::junk),
        row("--junk-start", "N", "N such lines at the start", &S::junk_start),
        row("--notify-flood", "N", "N notifications before each answer", &S::notify_flood),

        row("--bom", nullptr, "a byte order mark before the first message", &S::bom),
        row("--ansi", nullptr, "colour codes around each message", &S::ansi),
        row("--crlf", nullptr, "lines end in CR LF", &S::crlf),
        row("--half-line", nullptr, "each answer in two writes, 50 ms apart", &S::half_line),
        row("--half-line-hang", "N", "half of the Nth answer (the handshake's is the 1st), then hangs",
            &S::half_line_hang),
        row("--half-line-die", "N", "half of the Nth answer (the handshake's is the 1st), then dies",
            &S::half_line_die),
        row("--long-line", "BYTES", "echo answers with that much text", &S::long_line),
        row("--nul", nullptr, "a line of NUL bytes before each answer", &S::nul),
        row("--bad-utf8", nullptr, "texts come with bytes that are no UTF-8", &S::bad_utf8),

        row("--no-ping", nullptr, "does not know ping", &S::no_ping),
        row("--id-null-errors", nullptr, "errors carry id null", &S::id_null_errors),
        row("--string-ids", nullptr, "answers carry the id as a string", &S::string_ids),
        row("--duplicate-answers", nullptr, "each answer comes twice", &S::duplicate_answers),
        row("--unknown-answers", nullptr, "an answer to nobody before each answer", &S::unknown_answers),
        row("--request-same-id", nullptr, "a ping request with the id of the call that it is about to answer",
            &S::request_same_id),
    };
    table.insert(table.end(), rows.begin(), rows.end());
}

}  // namespace

std::vector<Switch> switch_table() {
    using S = Switches;
    std::vector<Switch> out{
        {"--era", "ERA", "legacy, modern or both (default)", set_era, Wants::value},
        row("--conformance", nullptr, "has the tools, resources and prompts of the official server scenarios too",
            &S::conformance),
        row("--wrong-structure", nullptr, "`structured` answers against its schema", &S::wrong_structure),
        row("--ledger", "FILE", "the tool `effect` appends a line to it per execution", &S::ledger),
        row("--tools", "N", "N more tools that do nothing", &S::extra_tools),
        row("--page", "N", "lists come in pages of N", &S::page_size),
        row("--quiet", nullptr, "no greeting on stderr", &S::quiet),
        {"--max-life", "S", "ends by itself after S seconds (default 600), whatever happens", set_max_life,
         Wants::value},

        {"--exit-code", "N", "exit code of the deaths below (default 1)", set_exit_code, Wants::value},
        {"--die-signal", "NAME", "die by that signal (KILL, SEGV, ABRT, TERM...) instead of exiting", set_signal,
         Wants::value},
        {"--signal-self", "NAME", "the same", set_signal, Wants::value},
        row("--die-after", "N", "dies once N calls are answered", &S::die_after),
        row("--die-before-answer", "N", "executes the Nth call, then dies without an answer", &S::die_before_answer),
        {"--die-after-handshake", "[S]", "dies S seconds (default 0) after the handshake", set_die_after_handshake,
         Wants::maybe_number},
        row("--exit-before-handshake", nullptr, "dies at once", &S::exit_before_handshake),
        row("--die-on-discover", nullptr, "dies when asked server/discover", &S::die_on_discover),
        row("--need-roots", nullptr, "dies after the handshake when the client offers no roots", &S::need_roots),

        row("--hang-after", "N", "reads on but never says anything once N calls are answered", &S::hang_after),
        row("--hang-at-start", nullptr, "reads but never answers", &S::hang_at_start),
        row("--never-read", nullptr, "stops reading after the handshake", &S::never_read),
        row("--never-read-at-start", nullptr, "never reads", &S::never_read_at_start),
        row("--silent-ping", nullptr, "never answers a ping", &S::silent_ping),
        row("--silent-unknown", nullptr, "never answers a method that it does not know", &S::silent_unknown),
        row("--close-stdout-after", "N", "closes stdout once N calls are answered, and lives on",
            &S::close_stdout_after),
        row("--ignore-term", nullptr, "ignores SIGTERM", &S::ignore_term),
        row("--ignore-eof", nullptr, "lives on when its input ends", &S::ignore_eof),

        row("--slow-start", "S", "waits S seconds before it reads", &S::slow_start),
        row("--slow-answer", "MS", "waits that long before it answers a call", &S::slow_answer_ms),
        row("--serial", nullptr, "one request at a time: a ping waits behind a call", &S::serial),

        row("--spawn-child", nullptr, "starts a child in its process group; prints `child PID` on stderr",
            &S::spawn_child),
        row("--spawn-escaped", nullptr, "starts a process in a session of its own; prints `escaped PID`",
            &S::spawn_escaped),
        row("--zombie-grandchild", nullptr, "starts a child that never reaps its dead one; prints `zombie PID`",
            &S::zombie_grandchild),
    };
    add_line_switches(out);
    add_http_switches(out);
    return out;
}

}  // namespace builtin
