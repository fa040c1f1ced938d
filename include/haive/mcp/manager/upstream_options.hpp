#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/pool/pool_options.hpp"
#include "haive/mcp/transport/transport.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// When a manager opens a server.
enum class StartPolicy : std::uint8_t {
    eager,   ///< with `start_all`, and kept open
    lazy,    ///< at its first use, and kept open from then on
    on_use,  ///< at each use, and closed after `idle_stop` without one; its cached catalogue stays on offer
};

[[nodiscard]] constexpr std::string_view to_string(StartPolicy policy) noexcept {
    switch (policy) {
        case StartPolicy::eager: return "eager";
        case StartPolicy::lazy: return "lazy";
        case StartPolicy::on_use: return "on_use";
    }
    return "eager";
}

/// Which of a server's tools, prompts and resources are offered. Patterns are names with `*` and `?`; a name is
/// offered when some `allow` pattern matches it (or there is none) and no `deny` pattern does.
struct NameFilter {
    std::vector<std::string> allow = {};
    std::vector<std::string> deny = {};

    bool operator==(const NameFilter&) const = default;
};

/// How a manager treats one server, besides how its connection behaves.
struct UpstreamOptions {
    /// Part of "ready": a manager is ready when all its required servers are healthy.
    bool required = false;
    StartPolicy start = StartPolicy::eager;
    /// `on_use` only: idle for so long, the server is closed. Above zero.
    Seconds idle_stop{300.0};
    NameFilter tools = {};
    NameFilter prompts = {};
    NameFilter resources = {};
    /// Put before each of its names in the merged catalogue. Unset: only where two servers offer the same name, and
    /// then the server's name. An empty one never.
    std::optional<std::string> prefix = std::nullopt;
    /// Calls under way at once, 1..10,000; more wait in a queue of at most `max_queued`.
    int max_in_flight = 128;
    int max_queued = 1024;
    /// Refuse calls for a while after repeated failures (`circuit_open`).
    bool circuit_breaker = true;
    /// Ask a second time, for protocol reads only, when an answer takes longer than 95 % of its predecessors.
    bool hedging = false;
};

/// One named server of a manager.
struct UpstreamConfig {
    UpstreamConfig() = default;
    std::string name;
    std::shared_ptr<MCPTransport> transport;
    ConnectionOptions connection;
    UpstreamOptions upstream;
    /// Set: a pool of connections instead of one.
    std::optional<PoolOptions> pool;
    /// What the entry says, as a hash: an entry of the same name and fingerprint is left alone when a list is applied
    /// anew. Empty: it counts as changed.
    std::string fingerprint;
};

}  // namespace haive::mcp
