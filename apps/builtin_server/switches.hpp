#pragma once

#include <optional>
#include <string>
#include <vector>

namespace builtin {

enum class Era { both, legacy, modern };

/// How the socket servers listen and misbehave (http_switch_table.cpp).
struct HttpSwitches {
    std::string http;  // [HOST:]PORT
    std::string sse;
    std::string tcp;
    std::string websocket;
    std::string unix_path;
    bool until_eof = false;

    enum class Sse { when_needed, always, never };
    Sse sse_answers = Sse::when_needed;
    int sse_retry_ms = -1;
    int lose_session_at = 0;
    int lose_session_every = 0;
    int lost_session_status = 404;
    enum class Refuse { never, once, always };
    Refuse refuse_401 = Refuse::never;

    // Which requests the faults below hit: from the `fault_at`th of `fault_on`, `fault_times` of them.
    std::string fault_on = "tools/call";
    int fault_at = 1;
    int fault_times = 1;
    int refusal_status = 0;
    std::string retry_after;
    int status_after_executing = 0;
    bool drop_before_id = false;
    bool drop_after_id = false;
    bool duplicate_events = false;
    bool endless_comments = false;
    int slow_first_byte_ms = 0;
    bool wrong_content_type = false;
    bool empty_200 = false;
    bool no_answer = false;
    bool garbage_chunk = false;
    long huge_event = 0;
    bool half_answer = false;
};

/// Every way in which this server can be told to behave, and to misbehave.
struct Switches : HttpSwitches {
    Era era = Era::both;
    bool conformance = false;
    bool wrong_structure = false;
    std::string ledger;
    std::vector<std::string> folders;  // what the file tools may read; else the client's roots
    int extra_tools = 0;
    int page_size = 0;
    bool quiet = false;
    double max_life = 600;

    // Ends.
    int exit_code = 1;
    int die_signal = 0;
    int die_after = 0;
    int die_before_answer = 0;
    std::optional<double> die_after_handshake;
    bool exit_before_handshake = false;
    bool die_on_discover = false;
    bool need_roots = false;

    // Silences.
    int hang_after = 0;
    bool hang_at_start = false;
    bool never_read = false;
    bool never_read_at_start = false;
    bool silent_ping = false;
    bool silent_unknown = false;
    int close_stdout_after = 0;
    bool ignore_term = false;
    bool ignore_eof = false;

    // Slowness.
    double slow_start = 0;
    int slow_answer_ms = 0;
    bool serial = false;

    // Processes.
    bool spawn_child = false;
    bool spawn_escaped = false;
    bool zombie_grandchild = false;

    // Noise.
    long stderr_flood = 0;
    long stderr_flood_start = 0;
    bool junk = false;
    int junk_start = 0;
    int notify_flood = 0;

    // Bytes.
    bool bom = false;
    bool ansi = false;
    bool crlf = false;
    bool half_line = false;
    int half_line_hang = 0;
    int half_line_die = 0;
    long long_line = 0;
    bool nul = false;
    bool bad_utf8 = false;

    // Manners.
    bool no_ping = false;
    bool id_null_errors = false;
    bool string_ids = false;
    bool duplicate_answers = false;
    bool unknown_answers = false;
    bool request_same_id = false;

    /// True when nothing is set that changes how a call is run or answered: `echo` may take the short way.
    [[nodiscard]] bool calls_are_plain() const;
};

/// Reads the command line. Prints help or a mistake and ends the program by itself.
[[nodiscard]] Switches parse_switches(int argc, char** argv);

}  // namespace builtin
