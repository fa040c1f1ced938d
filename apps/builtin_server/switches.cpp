#include "switches.hpp"

#include "switch_table.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace builtin {

namespace {

[[noreturn]] void help(const std::vector<Switch>& table) {
    std::printf(
        "haive-mcp-server [SWITCH]... [DIR]...\n\n"
        "An MCP server over stdio, HTTP and sockets for demonstrations and tests. DIR: what the file tools may read\n"
        "(default: the roots that the client offers). It can misbehave in every way by switch.\n\n");
    for (const auto& s : table) {
        const std::string left = std::string(s.name) + (s.value != nullptr ? std::string(" ") + s.value : "");
        std::printf("  %-28s %s\n", left.c_str(), s.help);
    }
    std::exit(0);
}

bool looks_like_a_number(const char* word) {
    const std::string_view text(word == nullptr ? "" : word);
    return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

void misuse(const char* name, const char* text) {
    std::fprintf(stderr, "haive-mcp-server: %s %s (see --help)\n", name, text);
    std::exit(2);
}

Switches parse_switches(int argc, char** argv) {
    const std::vector<Switch> table = switch_table();
    Switches out;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word(argv[i]);
        if (word == "--help" || word == "-h") help(table);
        if (!word.starts_with("--")) {
            out.folders.emplace_back(word);
            continue;
        }
        const auto found = std::ranges::find(table, word, [](const Switch& s) { return std::string_view(s.name); });
        if (found == table.end()) misuse(argv[i], "is no switch");
        const char* next = i + 1 < argc ? argv[i + 1] : nullptr;
        const bool takes =
            found->wants == Wants::value || (found->wants == Wants::maybe_number && looks_like_a_number(next));
        if (takes && next == nullptr) misuse(found->name, "wants a value");
        found->set(out, takes ? argv[++i] : nullptr);
    }
    constexpr int retry_of_scenarios = 500;  // milliseconds
    if (out.conformance && out.sse_retry_ms < 0) out.sse_retry_ms = retry_of_scenarios;
    return out;
}

bool Switches::calls_are_plain() const {
    const bool lives = die_after == 0 && die_before_answer == 0 && hang_after == 0 && close_stdout_after == 0;
    const bool prompt = slow_answer_ms == 0 && !serial && stderr_flood == 0 && !never_read && !hang_at_start;
    const bool clean = !junk && notify_flood == 0 && !bom && !ansi && !crlf && !half_line && half_line_hang == 0 &&
                       half_line_die == 0 && long_line == 0 && !nul && !bad_utf8;
    const bool polite = !string_ids && !duplicate_answers && !unknown_answers && !request_same_id;
    return lives && prompt && clean && polite;
}

}  // namespace builtin
