#pragma once

#include "haive/mcp/base/error.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace haive::mcp {

/// How the body of an answer is to be read. Decided from its head.
enum class AnswerReading : std::uint8_t {
    message,   ///< one JSON-RPC message (or a batch)
    events,    ///< a stream of events
    nothing,   ///< taken, nothing follows (202, and what answers a notification)
    redirect,  ///< go to `Location`
    refusal,   ///< an HTTP error: its body says more
    foreign,   ///< a success that is not MCP
};

struct AnswerHead {
    int status = 0;
    std::string_view content_type;
    std::string_view location;
    bool to_request = true;  ///< the message wanted an answer
};

[[nodiscard]] AnswerReading reading_of(const AnswerHead& head) noexcept;

/// Whether these words are how a server says that it does not know our session. Source: what deployed
/// servers answer beside the specification's 404.
[[nodiscard]] bool speaks_of_lost_session(std::string_view text);

/// An HTTP error, with the body that came with it.
struct RefusalFacts {
    int status = 0;
    std::string_view body;
    std::string_view www_authenticate;
    std::optional<Duration> retry_after;
    bool had_session = false;    ///< our request carried a session id
    bool has_rpc_error = false;  ///< the body is a JSON-RPC error
    bool worked_before = false;  ///< this URL has answered properly before
};

enum class RefusalMeaning : std::uint8_t {
    session_lost,  ///< the server forgot our session; the request was not executed
    rpc_error,     ///< the body is the answer
    error,         ///< neither
};
[[nodiscard]] RefusalMeaning meaning_of(const RefusalFacts& facts);
/// The Error for one that is not an answer: kind, verdict (table 4.2), class of the attempt, what mends it.
[[nodiscard]] Error refusal_error(const RefusalFacts& facts);
/// Table 4.2: what a status says about the request's execution.
[[nodiscard]] Disposition disposition_of(int status) noexcept;

}  // namespace haive::mcp
