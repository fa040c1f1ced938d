#include "transport/http/answer_plan.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace haive::mcp {

namespace {

constexpr std::size_t excerpt = 400;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

/// `type/subtype` without parameters and blanks.
std::string essence(std::string_view content_type) {
    content_type = content_type.substr(0, content_type.find(';'));
    while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
    return lowered(content_type);
}

std::string_view name_of(int status) {
    switch (status) {
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 410: return "Gone";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 421: return "Misdirected Request";
        case 429: return "Too Many Requests";
        case 500: return "Internal Server Error";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "";
    }
}

const char* mend_of(int status) {
    switch (status) {
        case 401: return "log in: give credentials, or an Authorization header in the configuration";
        case 403: return "these credentials may not do this: ask for the right, or use others";
        case 404:
        case 405:
        case 410: return "check the URL: MCP servers usually answer at a path such as /mcp";
        case 406:
        case 415: return "something between us and the server does not speak MCP: check the URL and proxies";
        case 413: return "send less: the message is too large for this server";
        case 429: return "wait: the server limits how often it is asked";
        case 502:
        case 503:
        case 504: return "the server behind this address is down or overloaded: see its own log";
        default: return status >= 500 ? "see the server's own log" : "";
    }
}

ErrorKind kind_of(int status) {
    if (status == 401 || status == 403) return ErrorKind::auth_required;
    if (status == 429) return ErrorKind::rate_limited;
    return ErrorKind::server_unavailable;
}

/// Rule 1.4. A 404 where there was a server before is a deployment in progress, else a wrong URL.
AttemptClass attempt_class_of(const RefusalFacts& f) {
    switch (f.status) {
        case 401: return AttemptClass::auth;
        case 403:
            return f.www_authenticate.find("insufficient_scope") != std::string_view::npos ? AttemptClass::auth
                                                                                           : AttemptClass::fatal;
        case 404:
        case 410: return f.worked_before ? AttemptClass::retryable : AttemptClass::fatal;
        case 408:
        case 425:
        case 429: return AttemptClass::retryable;
        default: return f.status >= 500 ? AttemptClass::retryable : AttemptClass::fatal;
    }
}

/// A page for a browser says nothing in an error line.
bool is_markup(std::string_view body) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && body[first] == '<';
}

}  // namespace

AnswerReading reading_of(const AnswerHead& head) noexcept {
    if (head.status >= 400) return AnswerReading::refusal;
    if (head.status >= 300) return head.location.empty() ? AnswerReading::refusal : AnswerReading::redirect;
    if (!head.to_request || head.status == 202 || head.status == 204) return AnswerReading::nothing;
    const std::string type = essence(head.content_type);
    if (type == "text/event-stream") return AnswerReading::events;
    // A server that forgot the header may still send JSON: the body decides.
    if (type == "application/json" || type.ends_with("+json") || type.empty()) return AnswerReading::message;
    return AnswerReading::foreign;
}

bool speaks_of_lost_session(std::string_view text) {
    const std::string words = lowered(text.substr(0, 4096));
    const auto has = [&](std::string_view word) { return words.find(word) != std::string::npos; };
    if (has("not initialized") || has("not initialised")) return true;
    if (!has("session")) return false;
    static constexpr std::array<std::string_view, 12> gone{"not found", "no valid",  "invalid",   "expired",
                                                           "unknown",   "missing",   "required",  "terminated",
                                                           "closed",    "no longer", "not exist", "no active"};
    return std::ranges::any_of(gone, has);
}

Disposition disposition_of(int status) noexcept {
    static constexpr std::array<int, 12> refused_unread{401, 403, 404, 405, 406, 408, 413, 415, 421, 425, 429, 431};
    if (std::ranges::find(refused_unread, status) != refused_unread.end()) return Disposition::not_sent;
    if (status >= 300 && status < 400) return Disposition::not_sent;
    return status >= 500 ? Disposition::maybe_executed : Disposition::executed;
}

RefusalMeaning meaning_of(const RefusalFacts& f) {
    if (f.had_session) {
        if (f.status == 404 || f.status == 410) return RefusalMeaning::session_lost;
        const bool dialect = f.status == 400 || f.status == 401 || f.status == 503;
        if (dialect && f.www_authenticate.empty() && speaks_of_lost_session(f.body))
            return RefusalMeaning::session_lost;
    }
    if (f.status == 401 || f.status == 429) return RefusalMeaning::error;
    return f.has_rpc_error ? RefusalMeaning::rpc_error : RefusalMeaning::error;
}

Error refusal_error(const RefusalFacts& f) {
    std::string text = "the server answered HTTP " + std::to_string(f.status);
    if (const auto name = name_of(f.status); !name.empty()) text += " (" + std::string(name) + ')';
    Error error(kind_of(f.status), std::move(text), disposition_of(f.status));
    error.set_attempt_class(attempt_class_of(f));
    auto& details = error.edit();
    details.http_status = f.status;
    details.retry_after = f.retry_after;
    if (!f.body.empty() && !is_markup(f.body)) details.peer_text = f.body.substr(0, excerpt);
    details.mend = mend_of(f.status);
    return error;
}

}  // namespace haive::mcp
