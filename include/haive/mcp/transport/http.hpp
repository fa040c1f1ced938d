#pragma once

#include "haive/mcp/transport/transport.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haive::mcp {

/// What a server said when it refused a request for want of authorization.
struct HttpChallenge {
    HttpChallenge() = default;
    int status = 0;                             ///< 401 or 403; 0 when nothing was refused yet
    std::vector<std::string> www_authenticate;  ///< the header's values as sent, untrusted
};

/// Where authorization comes in: gives the value of the `Authorization` header. One object may serve many
/// transports. Loop thread only.
class HttpCredentials {
public:
    virtual ~HttpCredentials() = default;
    /// Asked before each request with an empty challenge (answer from memory), and once more with the
    /// challenge when the server refused; the request is then sent again, once. Empty: send no such header.
    /// An error ends the request with it, not sent.
    virtual Task<Result<std::string>> authorization(HttpChallenge challenge) = 0;
};

/// How an HTTP server is reached. TLS always verifies; the system's trust store is used unless `ca_file` is set.
struct HttpOptions {
    HttpOptions() = default;

    /// Sent with every request. They cannot replace the protocol's own (`Accept`, `Content-Type`, `Mcp-*`...).
    /// Values never appear in a log, an error or a metric.
    std::vector<std::pair<std::string, std::string>> headers;
    std::shared_ptr<HttpCredentials> credentials;

    std::string ca_file;             ///< PEM file of further trusted authorities, in place of the system's
    std::string client_certificate;  ///< PEM file
    std::string client_key;          ///< PEM file; empty when the key is in the certificate's file
    /// `http://[user:password@]host:port`. Unset: what `HTTPS_PROXY`, `http_proxy` and `NO_PROXY` say. Empty: none.
    std::optional<std::string> proxy;
    std::string no_proxy;  ///< hosts and networks that are reached directly, when `proxy` is set

    /// Largest message taken from the server, in bytes. A larger one fails only its own call.
    std::size_t max_message_bytes = std::size_t{64} << 20;
    /// Requests in flight at once to the origin, event streams aside; more wait. [1, 1024].
    std::size_t max_connections = 64;
    /// How long an unused connection is kept, in seconds, unless the server says less.
    Seconds idle_connection_timeout{55};
    /// Longest time to get connected (name, TCP, proxy, TLS), in seconds, for each new connection.
    Seconds connect_timeout{15};
    /// Open the legacy era's optional event stream (GET), for change notices and requests of the server.
    bool event_stream = true;
    /// Fall back to HTTP+SSE (2024-11-05) when the server speaks nothing newer.
    bool sse_fallback = true;
};

/// A server behind a URL: Streamable HTTP in both eras (2025-03-26 and newer), with the fall back to HTTP+SSE.
///
/// A socket is no connection here: sockets are kept alive and come and go underneath; the channel ends when
/// it is closed, and tells when the server has forgotten the session. No request is ever sent twice by it,
/// but for those that the server itself refused unread (401 with credentials, a redirect within the origin).
/// Source: MCP specification, Transports, Streamable HTTP (2025-03-26 to 2026-07-28).
class HttpTransport : public MCPTransport {
public:
    /// `url` is `http://` or `https://`; what is wrong with it is said by `open`, as a fatal error.
    explicit HttpTransport(std::string url, HttpOptions options = HttpOptions());

    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override {
        return std::make_shared<HttpTransport>(*this);
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "HttpTransport"; }
    /// The URL without its query and credentials, `***` for what looks like a key in its path.
    [[nodiscard]] std::string describe() const override;
    [[nodiscard]] std::string origin() const override;

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] const HttpOptions& options() const noexcept { return options_; }

private:
    struct Memory;
    std::string url_;
    HttpOptions options_;
    std::shared_ptr<Memory> memory_;  // what was learnt about the server; shared by copies
};

/// A server of revision 2024-11-05: a stream of events to us, and requests beside it.
/// Source: MCP specification 2024-11-05, Transports, HTTP with SSE.
class SseTransport : public MCPTransport {
public:
    explicit SseTransport(std::string url, HttpOptions options = HttpOptions())
        : url_(std::move(url)), options_(std::move(options)) {}

    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override { return std::make_shared<SseTransport>(*this); }
    [[nodiscard]] std::string_view type() const noexcept override { return "SseTransport"; }
    [[nodiscard]] std::string describe() const override;
    [[nodiscard]] std::string origin() const override;

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] const HttpOptions& options() const noexcept { return options_; }

private:
    std::string url_;
    HttpOptions options_;
};

}  // namespace haive::mcp
