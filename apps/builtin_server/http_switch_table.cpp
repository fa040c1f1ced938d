// The switches of the socket servers, one row each.
#include "switch_row.hpp"

#include <string_view>
#include <utility>

namespace builtin {

namespace {

void set_answers(Switches& s, const char* value) {
    const std::string_view how(value);
    using Sse = HttpSwitches::Sse;
    if (how != "when-needed" && how != "always" && how != "never")
        misuse("--http-sse", "is when-needed, always or never");
    s.sse_answers = how == "always" ? Sse::always : how == "never" ? Sse::never : Sse::when_needed;
}

void set_401(Switches& s, HttpSwitches::Refuse how) { s.refuse_401 = how; }

Set refusal(int status) {
    return [status](Switches& s, const char* value) {
        s.refusal_status = status;
        if (value != nullptr) s.retry_after = value;
    };
}

void set_lost_status(Switches& s, const char* value) {
    s.lost_session_status = number<int>("--http-lost-status", value);
    for (const int known : {200, 400, 401, 404, 410, 503}) {
        if (s.lost_session_status == known) return;
    }
    misuse("--http-lost-status", "is 404, 400, 410, 401, 503 or 200");
}

void set_after_executing(Switches& s, const char*) { s.status_after_executing = 500; }

void set_fault_times(Switches& s, const char* value) {
    s.fault_times = std::string_view(value) == "all" ? 0 : number<int>("--fault-times", value);
}

using S = HttpSwitches;

void add_listeners(std::vector<Switch>& table) {
    table.push_back(row("--http", "[HOST:]PORT", "listens for HTTP at /mcp on the loopback (port 0: any)", &S::http));
    table.push_back(row("--sse", "[HOST:]PORT", "listens for HTTP with SSE as of 2024-11-05, at /sse", &S::sse));
    table.push_back(row("--tcp", "[HOST:]PORT", "listens for lines, as over stdio", &S::tcp));
    table.push_back(row("--unix", "PATH", "the same on a Unix socket", &S::unix_path));
    table.push_back(row("--websocket", "[HOST:]PORT", "listens for WebSockets", &S::websocket));
    table.push_back(row("--until-eof", nullptr, "the socket servers end when stdin does", &S::until_eof));
    table.push_back({"--http-sse", "HOW", "answers are streams: when-needed (default), always or never", set_answers,
                     Wants::value});
    table.push_back(row("--sse-retry", "MS", "streams begin with that `retry`", &S::sse_retry_ms));
}

void add_refusals(std::vector<Switch>& table) {
    table.push_back(
        row("--http-404-session-after", "N", "the Nth request finds its session forgotten", &S::lose_session_at));
    table.push_back(row("--http-404-session-every", "N", "every Nth request does", &S::lose_session_every));
    table.push_back({"--http-lost-status", "STATUS",
                     "what a forgotten session is answered: 404, 400, 410, 401, 503, 200", set_lost_status,
                     Wants::value});
    table.push_back({"--http-401-once", nullptr, "the first request is refused with 401",
                     [](Switches& s, const char*) { set_401(s, S::Refuse::once); }, Wants::nothing});
    table.push_back({"--http-401-always", nullptr, "every request is",
                     [](Switches& s, const char*) { set_401(s, S::Refuse::always); }, Wants::nothing});
    table.push_back({"--http-429", "[S]", "refuses with 429 and that Retry-After", refusal(429), Wants::maybe_number});
    table.push_back({"--http-503", "[S]", "refuses with 503 and that Retry-After", refusal(503), Wants::maybe_number});
    table.push_back(row("--http-status", "STATUS", "refuses with that", &S::refusal_status));
    table.push_back(
        {"--http-500-after-executing", nullptr, "executes, then answers 500", set_after_executing, Wants::nothing});
}

void add_broken_answers(std::vector<Switch>& table) {
    table.push_back(
        row("--sse-drop-before-id", nullptr, "drops the stream before it has brought an id", &S::drop_before_id));
    table.push_back(row("--sse-drop-after-id", nullptr, "drops it when it has; the answer waits for who resumes",
                        &S::drop_after_id));
    table.push_back(row("--sse-duplicate-events", nullptr, "every event comes twice", &S::duplicate_events));
    table.push_back(
        row("--sse-endless-comments", nullptr, "comments without end, and no answer", &S::endless_comments));
    table.push_back(row("--sse-huge-event", "BYTES", "a notification of that size before the answer", &S::huge_event));
    table.push_back(row("--sse-no-answer", nullptr, "the stream ends in order, without an answer", &S::no_answer));
    table.push_back(
        row("--http-slow-first-byte", "MS", "waits that long before it looks at the request", &S::slow_first_byte_ms));
    table.push_back(row("--http-wrong-content-type", nullptr, "answers are text/html", &S::wrong_content_type));
    table.push_back(row("--http-empty-200", nullptr, "status 200 and no body", &S::empty_200));
    table.push_back(row("--http-garbage-chunk", nullptr, "what should be a chunk is none", &S::garbage_chunk));
    table.push_back(
        row("--http-half-answer", nullptr, "half of the promised bytes, then the connection closes", &S::half_answer));
    table.push_back(row("--fault-on", "METHOD", "which requests those since --http-429 hit (default tools/call; `any`)",
                        &S::fault_on));
    table.push_back(row("--fault-at", "N", "from the Nth of them (default 1)", &S::fault_at));
    table.push_back({"--fault-times", "N", "so many of them (default 1; `all`)", set_fault_times, Wants::value});
}

}  // namespace

void add_http_switches(std::vector<Switch>& table) {
    add_listeners(table);
    add_refusals(table);
    add_broken_answers(table);
}

}  // namespace builtin
