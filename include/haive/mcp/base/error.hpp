#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// What went wrong, as a program decides on it. Texts are for people; kinds are stable.
enum class ErrorKind : std::uint8_t {
    not_connected,       ///< no usable connection now (never connected, backing off, parked)
    queue_full,          ///< a bounded queue (outbox, in-flight table) has no room
    acquire_timeout,     ///< no pool member became free in time
    circuit_open,        ///< the breaker refuses calls for now
    rate_limited,        ///< the server asked for a pause
    deadline_exceeded,   ///< the call's or the operation's total time is over
    idle_timeout,        ///< no answer and no progress for `timeout`
    cancelled,           ///< the caller cancelled
    connection_lost,     ///< the transport broke under the call
    session_lost,        ///< the server forgot our session
    auth_required,       ///< credentials are needed or were refused
    server_unavailable,  ///< the server refused to be reached (start failed, exited, 5xx)
    protocol_violation,  ///< the peer said something that MCP or JSON-RPC forbids
    response_too_large,  ///< the answer was over the configured cap and was discarded
    rpc_error,           ///< the peer answered with a JSON-RPC error
    shutdown,            ///< the connection or the runtime was closed by its owner
    encode_error,        ///< the request could not be put into words
    invalid_command,     ///< the server's command cannot be started at all (ENOENT, EACCES, exit 126/127)
    no_common_version,   ///< client and server share no protocol revision
    capability_missing,  ///< the server does not offer what the call needs
    method_not_in_era,   ///< the method does not exist in the negotiated protocol era
    invalid_config,      ///< a configuration file or value is wrong
};

/// The delivery verdict: what is known about the execution of a call that failed.
enum class Disposition : std::uint8_t {
    not_sent,        ///< provably not executed: it never left whole, or was refused before execution
    maybe_executed,  ///< wholly handed to the kernel, no answer seen
    executed,        ///< an answer arrived, even if it was unusable
};

/// What follows a failed attempt to connect (resilience rule 1.4).
enum class AttemptClass : std::uint8_t {
    retryable,  ///< time may mend it
    fatal,      ///< only a change of configuration mends it
    auth,       ///< only credentials mend it
};

[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;
[[nodiscard]] std::string_view to_string(Disposition disposition) noexcept;

/// Everything known about one failure, as a value.
///
/// It keeps our words (`message`) apart from the peer's (`peer_text`, `stderr_tail`), which are
/// untrusted and bounded. Copies are cheap: they share the details and detach on write.
/// Immutable after it was returned; safe to read from any thread.
class Error {
public:
    struct Details {
        std::string message;      ///< our words: what was seen
        std::string server;       ///< configured name of the server
        std::string operation;    ///< what was tried: `tools/call echo`, `connect`, ...
        std::string peer_text;    ///< the peer's words (JSON-RPC message), bounded to 4 KiB
        std::string stderr_tail;  ///< last lines the server wrote to stderr
        std::string mend;         ///< what a person can do about it
        std::string rpc_data;     ///< raw JSON of the JSON-RPC error's `data`, or empty
        std::optional<int> rpc_code;
        std::optional<int> exit_code;    ///< of the server process
        std::optional<int> exit_signal;  ///< that ended the server process
        std::optional<int> http_status;
        std::optional<Duration> retry_after;
        Duration elapsed{};
        int attempts = 1;
        bool of_attempt = false;  ///< an attempt to connect failed with it
        bool started = false;     ///< progress or part of an answer was seen
    };

    Error() : Error(ErrorKind::connection_lost, std::string()) {}
    Error(ErrorKind kind, std::string message, Disposition disposition = Disposition::not_sent);

    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
    [[nodiscard]] Disposition disposition() const noexcept { return disposition_; }
    [[nodiscard]] AttemptClass attempt_class() const noexcept { return attempt_class_; }
    [[nodiscard]] const Details& details() const noexcept { return *details_; }
    [[nodiscard]] const std::string& message() const noexcept { return details_->message; }

    /// One paragraph for a person: server, what was tried, what was seen, the verdict, the mend.
    [[nodiscard]] std::string to_string() const;
    /// The same without the stderr tail, for a log line or a table cell.
    [[nodiscard]] std::string summary() const;

    /// Access for the layers that add what they know; detaches a shared copy first.
    [[nodiscard]] Details& edit();
    Error& set_disposition(Disposition d) noexcept {
        disposition_ = d;
        return *this;
    }
    Error& set_attempt_class(AttemptClass c) noexcept {
        attempt_class_ = c;
        return *this;
    }
    Error& set_mend(std::string text) {
        edit().mend = std::move(text);
        return *this;
    }

private:
    std::shared_ptr<Details> details_;
    ErrorKind kind_;
    Disposition disposition_;
    AttemptClass attempt_class_ = AttemptClass::retryable;
};

}  // namespace haive::mcp
