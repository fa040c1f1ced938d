#include "switches.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string_view>

namespace builtin {

namespace {

using Set = std::function<void(Switches&, const char* value)>;

struct Switch {
    const char* name;
    const char* value;  // what it wants, nullptr for none
    const char* help;
    Set set;
};

template <class T>
T number(const char* text) {
    T out{};
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), out);
    if (error != std::errc() || *end != '\0') {
        std::fprintf(stderr, "haive-mcp-server: '%s' is no number\n", text);
        std::exit(2);
    }
    return out;
}

template <class T>
Set into(T Switches::* member) {
    return [member](Switches& s, const char* value) { s.*member = number<T>(value); };
}
template <>
Set into<std::string>(std::string Switches::* member) {
    return [member](Switches& s, const char* value) { s.*member = value; };
}
template <>
Set into<bool>(bool Switches::* member) {
    return [member](Switches& s, const char*) { s.*member = true; };
}

void set_era(Switches& s, const char* value) {
    const std::string_view era(value);
    if (era == "both") {
        s.era = Era::both;
    } else if (era == "legacy") {
        s.era = Era::legacy;
    } else if (era == "modern") {
        s.era = Era::modern;
    } else {
        std::fprintf(stderr, "haive-mcp-server: --era is legacy, modern or both\n");
        std::exit(2);
    }
}

const std::vector<Switch>& switches() {
    using S = Switches;
    static const std::vector<Switch> all{
        {"--era", "ERA", "legacy, modern or both (default)", set_era},
        {"--ledger", "FILE", "the tool `effect` appends a line to it per execution", into(&S::ledger)},
        {"--tools", "N", "N more tools that do nothing", into(&S::extra_tools)},
        {"--page", "N", "lists come in pages of N", into(&S::page_size)},
        {"--quiet", nullptr, "no greeting on stderr", into(&S::quiet)},
        {"--max-life", "S", "ends by itself after S seconds (default 600), whatever happens", into(&S::max_life)},

        {"--exit-code", "N", "exit code of the deaths below (default 1)", into(&S::exit_code)},
        {"--die-signal", "NAME", "die by KILL, SEGV, ABRT or TERM instead of exiting", into(&S::die_signal)},
        {"--die-after", "N", "dies once N calls are answered", into(&S::die_after)},
        {"--die-before-answer", "N", "executes the Nth call, then dies without an answer", into(&S::die_before_answer)},
        {"--die-after-handshake", "S", "dies S seconds after the handshake",
         [](S& s, const char* value) { s.die_after_handshake = number<double>(value); }},
        {"--exit-before-handshake", nullptr, "exits at once", into(&S::exit_before_handshake)},
        {"--die-on-discover", nullptr, "dies when asked server/discover", into(&S::die_on_discover)},
        {"--need-roots", nullptr, "exits when the client offers no roots", into(&S::need_roots)},

        {"--hang-after", "N", "reads but never answers again after N calls", into(&S::hang_after)},
        {"--hang-at-start", nullptr, "reads but never answers", into(&S::hang_at_start)},
        {"--never-read", nullptr, "stops reading after the handshake", into(&S::never_read)},
        {"--never-read-at-start", nullptr, "never reads", into(&S::never_read_at_start)},
        {"--silent-ping", nullptr, "never answers a ping", into(&S::silent_ping)},
        {"--silent-unknown", nullptr, "never answers a method that it does not know", into(&S::silent_unknown)},
        {"--close-stdout-after", "N", "closes stdout after N calls and lives on", into(&S::close_stdout_after)},
        {"--ignore-term", nullptr, "ignores SIGTERM", into(&S::ignore_term)},
        {"--ignore-eof", nullptr, "lives on when its input ends", into(&S::ignore_eof)},

        {"--slow-start", "S", "waits S seconds before it reads", into(&S::slow_start)},
        {"--slow-answer", "MS", "waits that long before each answer", into(&S::slow_answer_ms)},
        {"--serial", nullptr, "one request at a time: a ping waits behind a call", into(&S::serial)},

        {"--spawn-child", nullptr, "starts a child in its process group; prints `child PID` on stderr", into(&S::spawn_child)},
        {"--spawn-escaped", nullptr, "starts a child in a session of its own; prints `escaped PID`", into(&S::spawn_escaped)},

        {"--stderr-flood", "BYTES", "writes that much to stderr before each answer", into(&S::stderr_flood)},
        {"--stderr-flood-start", "BYTES", "the same once, at the start", into(&S::stderr_flood_start)},
        {"--junk", nullptr, "a line that is no message before each answer", into(&S::junk)},
        {"--junk-start", "N", "N such lines at the start", into(&S::junk_start)},
        {"--notify-flood", "N", "N notifications before each answer", into(&S::notify_flood)},

        {"--bom", nullptr, "a byte order mark before its first byte", into(&S::bom)},
        {"--ansi", nullptr, "colour codes around each line", into(&S::ansi)},
        {"--crlf", nullptr, "lines end in CR LF", into(&S::crlf)},
        {"--half-line", nullptr, "each answer in two writes, 20 ms apart", into(&S::half_line)},
        {"--half-line-hang", "N", "half of the Nth answer, then nothing more", into(&S::half_line_hang)},
        {"--half-line-die", "N", "half of the Nth answer, then death", into(&S::half_line_die)},
        {"--long-line", "BYTES", "echo answers with that much text", into(&S::long_line)},
        {"--nul", nullptr, "a line of NUL bytes before each answer", into(&S::nul)},
        {"--bad-utf8", nullptr, "echo answers with bytes that are no UTF-8", into(&S::bad_utf8)},

        {"--no-ping", nullptr, "does not know ping", into(&S::no_ping)},
        {"--id-null-errors", nullptr, "errors carry id null", into(&S::id_null_errors)},
        {"--string-ids", nullptr, "answers carry the id as a string", into(&S::string_ids)},
        {"--duplicate-answers", nullptr, "each answer comes twice", into(&S::duplicate_answers)},
        {"--unknown-answers", nullptr, "an answer to nobody before each answer", into(&S::unknown_answers)},
        {"--request-same-id", nullptr, "a request with the id of the call that it is about to answer",
         into(&S::request_same_id)},
    };
    return all;
}

[[noreturn]] void help() {
    std::printf("haive-mcp-server [SWITCH]... [DIR]...\n\n"
                "An MCP server over stdio for demonstrations and tests. DIR: what read_text_file may read\n"
                "(default: the roots that the client offers). It can misbehave in every way by switch.\n\n");
    for (const auto& s : switches()) {
        const std::string left = std::string(s.name) + (s.value != nullptr ? std::string(" ") + s.value : "");
        std::printf("  %-26s %s\n", left.c_str(), s.help);
    }
    std::exit(0);
}

}  // namespace

Switches parse_switches(int argc, char** argv) {
    Switches out;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word(argv[i]);
        if (word == "--help" || word == "-h") help();
        if (!word.starts_with("--")) {
            out.folders.emplace_back(word);
            continue;
        }
        bool known = false;
        for (const auto& s : switches()) {
            if (word != s.name) continue;
            known = true;
            if (s.value != nullptr && i + 1 >= argc) {
                std::fprintf(stderr, "haive-mcp-server: %s wants %s\n", s.name, s.value);
                std::exit(2);
            }
            s.set(out, s.value != nullptr ? argv[++i] : nullptr);
        }
        if (!known) {
            std::fprintf(stderr, "haive-mcp-server: unknown switch %s (see --help)\n", argv[i]);
            std::exit(2);
        }
    }
    return out;
}

bool Switches::well_behaved() const {
    return era == Era::both && die_after == 0 && die_before_answer == 0 && hang_after == 0 && !hang_at_start &&
           !never_read && close_stdout_after == 0 && slow_answer_ms == 0 && !serial && stderr_flood == 0 && !junk &&
           notify_flood == 0 && !bom && !ansi && !crlf && !half_line && half_line_hang == 0 && half_line_die == 0 &&
           long_line == 0 && !nul && !bad_utf8 && !string_ids && !duplicate_answers && !unknown_answers &&
           !request_same_id && !need_roots;
}

}  // namespace builtin
