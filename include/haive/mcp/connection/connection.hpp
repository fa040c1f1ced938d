#pragma once

#include "haive/mcp/client/client.hpp"
#include "haive/mcp/connection/connection_info.hpp"
#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/connection/connection_status.hpp"
#include "haive/mcp/connection/explanation.hpp"
#include "haive/mcp/connection/health.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace haive::mcp {

class ConnectionCore;

/// MCP connection manager with health monitoring and auto-reconnection: keeps one client alive to one
/// server. It is not a pool and not a registry of servers.
///
/// Threads: every function from any thread. Async ones are running when they return.
/// Cancellation: `cancel()` on a handle ends the waiting with ErrorKind::cancelled, not what is waited for,
/// which others may wait for too: `disconnect` ends an attempt.
/// Lifetime: the destructor stops monitoring, ends calls in flight and closes the server; it does not
/// wait for the server's end (`disconnect().get()` does), which is bounded by 6 s and then by SIGKILL.
/// Sources: the documented class of the same name; the resilience rules of docs/internals/states.md.
class MCPConnection {
public:
    /// Only configures: nothing is opened. The transport is copied. `name` must not be empty; it appears
    /// in errors, events and metrics. Throws std::invalid_argument for options out of range.
    MCPConnection(std::string name, const MCPTransport& transport);
    MCPConnection(std::string name, const MCPTransport& transport, ConnectionOptions options);
    /// The same with a transport that is shared instead of copied. Must not be null.
    MCPConnection(std::string name, std::shared_ptr<MCPTransport> transport, ConnectionOptions options);
    ~MCPConnection();
    MCPConnection(MCPConnection&&) noexcept;
    MCPConnection& operator=(MCPConnection&&) noexcept;

    /// Connects and returns the client; at once when connected already. Concurrent calls share one
    /// attempt. `timeout` unset: connection_timeout; zero: expires at once; negative or NaN:
    /// std::invalid_argument.
    /// Errors: MCPConnectionError and below (MCPTimeoutError when the time is over), with the server's
    /// exit status and stderr tail. After a failure nothing is left running.
    Async<std::shared_ptr<MCPClient>> connect(std::optional<Seconds> timeout = std::nullopt);

    /// Closes the connection and stays closed: no monitor and no pending attempt revives it. Done when
    /// the server process is gone (bounded: close stdin, 2 s, SIGTERM, 3 s, SIGKILL). Idempotent.
    Async<void> disconnect();

    /// The client. Throws MCPConnectionError if not connected. The same object for the connection's
    /// life: what `connect` returned.
    [[nodiscard]] std::shared_ptr<MCPClient> get_client() const;

    /// One attempt now, replacing a live connection; also with auto_reconnect off. A null client when it
    /// failed (the reason: `get_info().last_error`) or when the attempts are exhausted; never throws for
    /// a dead server.
    Async<std::shared_ptr<MCPClient>> reconnect();

    /// A real round trip when connected. The object holds `name`, `status`, `connected`,
    /// `health_score`, `last_connected`, `last_error`, `reconnect_attempts`, `connection_count`,
    /// `error_count`, `uptime`, `transport_type`, `error` when something is wrong, and more (`phase`,
    /// `round_trip`, `factors`, `limiting_factor`, `server_info`, ...). Ends within the ping timeout;
    /// never fails.
    Async<json::object> health_check();

    /// Starts background health monitoring. With auto_reconnect it asks for the connection too, in the
    /// background: an unconnected one is opened and kept. Without, it only observes. Twice is once.
    Async<void> start_monitoring();
    /// Stops probes. The connection stays as it is. Idempotent.
    Async<void> stop_monitoring();

    /// Done when the connection is usable, or fails as soon as no attempt is coming or `timeout` is over.
    Async<std::shared_ptr<MCPClient>> wait_until_connected(Seconds timeout);

    // Wait-free: no I/O, no waiting behind any.
    [[nodiscard]] bool is_connected() const noexcept;
    /// Connected and score >= threshold. A threshold outside [0, 1] or NaN throws std::invalid_argument.
    [[nodiscard]] bool is_healthy(double threshold = 0.7) const;
    [[nodiscard]] ConnectionStatus status() const noexcept;
    /// The score of this moment and the reasons for it.
    [[nodiscard]] HealthReport health() const noexcept;

    [[nodiscard]] const std::string& name() const noexcept;
    [[nodiscard]] ConnectionInfo get_info() const;
    /// What state, since when, why, what was tried, what comes next, what would mend it.
    [[nodiscard]] Explanation explain() const;
    /// What was learnt about the server's era; give it to the next program's `client.prior_era`.
    [[nodiscard]] std::optional<PriorEra> prior_era() const;

    /// `listener` runs on the loop's thread for every event of this connection, in order, beside the
    /// runtime's sink. It must not block. An empty one removes it, and so does the end of this object; neither returns
    /// while it runs, unless called from it, so what it uses may go then.
    void set_event_listener(std::function<void(const Event&)> listener);

private:
    std::shared_ptr<ConnectionCore> core_;
};

}  // namespace haive::mcp
