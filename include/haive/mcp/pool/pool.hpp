#pragma once

#include "haive/mcp/client/client.hpp"
#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/pool/pool_options.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>

namespace haive::mcp {

class PoolCore;

/// What a lease is to be.
struct AcquireOptions {
    /// Who asks. A connection that served one asker never serves another: no session's memory crosses over.
    std::string asker = std::string();
    /// `session` mode: leases of one key get the same connection, as long as it lives.
    std::string affinity = std::string();
    /// Nobody else uses the connection meanwhile, whatever the mode.
    bool exclusive = false;
    /// Unset: the pool's `acquire_timeout`.
    std::optional<Seconds> timeout = std::nullopt;
};

/// A connection of a pool, for as long as this lives. Move-only; giving it back is its destruction.
/// Threads: any, one at a time.
class Lease {
public:
    Lease() noexcept;
    ~Lease();
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;

    /// The connection's client; null after `release`.
    [[nodiscard]] const std::shared_ptr<MCPClient>& client() const noexcept { return client_; }
    [[nodiscard]] explicit operator bool() const noexcept { return client_ != nullptr; }
    /// Gives it back now.
    void release() noexcept;
    /// Gives it back and has it closed: its session is in a state that nobody should find.
    void discard() noexcept;

private:
    friend class PoolCore;
    struct Held;
    std::shared_ptr<MCPClient> client_;
    std::unique_ptr<Held> held_;
};

/// A pool in numbers, at one moment.
struct PoolStats {
    PoolStats() = default;
    int total = 0;
    int active = 0;  ///< with a lease
    int idle = 0;
    int opening = 0;  ///< on their way, or being healed
    int failed = 0;
    int draining = 0;
    int ejected = 0;  ///< set aside for bad health
    int waiting = 0;
    std::uint64_t acquired = 0;
    std::uint64_t waited = 0;  ///< acquires that did not get one at once
    std::uint64_t timeouts = 0;
    std::uint64_t refused = 0;  ///< too many waited, or nothing was coming
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    std::uint64_t leaks = 0;
    double wait_seconds = 0;  ///< of all acquires together
    std::string last_connect_error;
};

/// Interchangeable connections to one server, shared, by session or exclusively (PoolMode).
///
/// It opens them as they are needed, spreads calls by latency, load and health, sets sick ones aside, replaces old ones
/// before they go, and serves those who wait strictly in their order.
///
/// Threads: every function from any thread. Lifetime: leases may outlive the pool; their connections are then closed
/// with them. The destructor closes without waiting; `close().get()` waits.
class MCPPool {
public:
    /// Only configures; `min_size` connections are opened at once. Throws std::invalid_argument for options out of
    /// range. `name` appears in errors and events, members as `name#1`, ...
    MCPPool(std::string name, const MCPTransport& transport, PoolOptions options = PoolOptions(),
            ConnectionOptions connection = ConnectionOptions());
    ~MCPPool();
    MCPPool(MCPPool&&) noexcept;
    MCPPool& operator=(MCPPool&&) noexcept;

    /// Waits for a connection. Errors: `acquire_timeout`, which says how full the pool is and why no more come;
    /// `queue_full`; `not_connected` when nothing is coming; `shutdown`. `taken_at` is what a leak's report names.
    Async<Lease> acquire(AcquireOptions options = AcquireOptions(),
                         std::source_location taken_at = std::source_location::current());
    /// Typed calls, each on a lease of its own. Handlers for what servers ask or announce belong into the connection's
    /// options: notifications of members do not reach this client's.
    [[nodiscard]] std::shared_ptr<MCPClient> client(std::string asker = std::string(),
                                                    std::string affinity = std::string());

    /// Acquires wait (each within its time) until `resume`.
    Async<void> suspend();
    Async<void> resume();
    /// Replaces all connections: each finishes what it has, and new ones are opened as they are needed.
    Async<void> evict();
    /// The same for one connection, by the name that its errors and events show (`name#1`). False: there is none of
    /// that name, or it is on its way out already.
    Async<bool> evict(std::string member);
    /// No new leases; done when the last is given back, or after `drain_timeout`; then all is closed.
    Async<void> drain();
    /// The same at once: leases in use are cut off after a moment. At most `limit`.
    Async<void> close(Seconds limit = Seconds(10));

    [[nodiscard]] PoolStats stats() const;
    /// A lease that is held for longer than `leak_threshold` is reported once, and once more when it comes back, as an
    /// event of kind `lease_leak` / `lease_returned` of the runtime's sink.
    [[nodiscard]] const std::string& name() const noexcept;

private:
    std::shared_ptr<PoolCore> core_;
};

}  // namespace haive::mcp
