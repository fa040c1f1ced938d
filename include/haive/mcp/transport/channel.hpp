#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/base/unique_function.hpp"
#include "haive/mcp/jsonrpc/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// One message on its way out: already JSON, with the facts that a binding may need beside it.
struct Outbound {
    Outbound() = default;
    std::string frame;                  ///< the whole JSON-RPC message, no newline in it
    std::uint64_t id = 0;               ///< its JSON-RPC id; 0 for messages that nothing answers
    std::string_view method;            ///< for HTTP headers; lives as long as the call
    std::string_view name;              ///< tool, prompt or URI, likewise
    std::string_view protocol_version;  ///< of the era it is said in; likewise. Empty for `initialize`
    /// It may be executed twice without harm: HTTP may then use a connection that the server may just be closing.
    bool harmless_twice = false;
    /// HTTP only (modern era): whole `Mcp-Param-...: value` lines, each ended by CRLF.
    std::string parameter_headers;
};

/// Who waits for the answer to one request. Embedded in the waiting object; loop thread only.
/// Exactly one of `on_reply` and `on_failed` is called, once, unless `abandon` comes first.
class Exchange {
public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    /// The answer: `message.kind` is result or error. Views die with the call.
    virtual void on_reply(const MessageView& message) = 0;
    /// The channel can no longer answer; the error carries the verdict.
    virtual void on_failed(Error error) = 0;
    /// A byte of this exchange's answer, or its progress, was seen (HTTP streams).
    virtual void on_started() {}
};

/// How a channel ended, and what is known about why.
struct ChannelEnd {
    ChannelEnd() = default;
    Error error{ErrorKind::connection_lost, ""};
    bool graceful = false;  ///< the peer ended it in order (exit 0, EOF with nothing in flight)
};

/// What can be said about the far side right now; goes into errors, `get_info` and `explain`.
struct ChannelEvidence {
    ChannelEvidence() = default;
    std::int64_t pid = 0;  ///< stdio: the child; 0 otherwise
    std::optional<int> exit_code;
    std::optional<int> exit_signal;
    std::optional<int> http_status;
    std::string stderr_tail;      ///< bounded, untrusted
    std::string first_junk_line;  ///< first line on stdout that was not a message, bounded
    std::uint64_t junk_lines = 0;
    std::uint64_t oversized_messages = 0;
    std::uint64_t late_replies = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    bool peer_showed_life = false;  ///< it has read from us or written to us
    /// HTTP: where the time of the newest new connection went; zeros before there was one.
    Duration name_lookup{};
    Duration tcp_connect{};
    Duration tls_handshake{};
    Duration first_byte{};  ///< of the newest answer, from the request's last byte
    std::uint64_t sockets_opened = 0;
    bool serial_peer = false;  ///< one pipe: a busy tool may delay everything (H-14)
    TimePoint last_byte_in{};

    bool operator==(const ChannelEvidence&) const = default;
};

enum class CloseMode : std::uint8_t {
    graceful,  ///< say goodbye, wait, then insist (1.5)
    prompt,    ///< the peer is of no more use: TERM at once, KILL soon after
    kill,      ///< it does not react: KILL now
};

/// An open path to one server process or origin. Knows framing and delivery, not MCP.
///
/// Loop thread only. `close` is idempotent (a harsher mode overrides a running gentler one); its
/// callback runs once the transport is gone and a child is reaped or killed and handed to the reaper.
/// Destroying a channel that was not closed kills what it holds.
class Channel {
public:
    /// The conversation over the channel.
    class Handler {
    public:
        virtual ~Handler() = default;
        /// A request or notification from the peer.
        virtual void on_message(const MessageView& message) = 0;
        /// Exactly once, before the exchanges in flight are failed; not after `close` was called.
        virtual void on_channel_lost(const ChannelEnd& end) = 0;
        /// HTTP, legacy era: the server does not know our session any more. The channel is usable at once for
        /// a new `initialize`; calls that were refused have ended or will, each with its own verdict.
        virtual void on_session_lost(const Error& /*why*/) {}
        /// A stream of notifications had a gap: some may have been missed.
        virtual void on_notifications_missed() {}
        /// Something of interest that is not a message (junk line, oversized message...).
        virtual void on_channel_note(std::string_view /*kind*/, std::string_view /*text*/) {}
    };

    virtual ~Channel() = default;

    /// Whether facts of a message travel beside it as headers: modern HTTP.
    [[nodiscard]] virtual bool carries_headers() const noexcept { return false; }
    virtual void start(Handler& handler) = 0;
    /// Sends a request; `exchange` must stay alive until it is answered, failed or abandoned.
    virtual void exchange(Outbound message, Exchange& exchange) = 0;
    /// Sends a notification or a response. False if the channel cannot take it (closed, full).
    virtual bool send(Outbound message) = 0;
    /// Gives up on a request: it will not be answered any more. Returns the verdict at this moment.
    virtual Disposition abandon(std::uint64_t id) = 0;
    /// The exchange that waits for `id`, or nullptr.
    [[nodiscard]] virtual Exchange* find(std::uint64_t id) = 0;
    [[nodiscard]] virtual std::size_t in_flight() const noexcept = 0;
    [[nodiscard]] virtual ChannelEvidence evidence() const = 0;
    [[nodiscard]] virtual TimePoint last_byte_in() const noexcept = 0;
    /// Ends every exchange in flight with `why` and its own verdict; for a peer that is about to be
    /// closed for a reason of ours.
    virtual void fail_calls(const Error& why) = 0;
    virtual void close(CloseMode mode, UniqueFunction<void()> done) = 0;
};

}  // namespace haive::mcp
