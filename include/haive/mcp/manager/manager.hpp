#pragma once

#include "haive/mcp/client/client.hpp"
#include "haive/mcp/connection/explanation.hpp"
#include "haive/mcp/manager/catalogue.hpp"
#include "haive/mcp/manager/manager_options.hpp"
#include "haive/mcp/manager/upstream_info.hpp"
#include "haive/mcp/manager/upstream_options.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

class ManagerCore;

/// Many named servers as one: it starts them side by side, keeps each alive, offers everything that they offer as one
/// catalogue, and routes calls by name.
///
/// Each server has a connection of its own with limits of its own; nothing that one does delays another. Opening is
/// limited for all together, so that a fleet that was lost at once does not come back at once (ManagerOptions).
///
/// Threads: every function from any thread; Async ones are running when they return, in the order of the calls.
/// Lifetime: the destructor closes everything without waiting for it; `close().get()` waits.
class MCPManager {
public:
    /// Throws std::invalid_argument for options out of range.
    explicit MCPManager(ManagerOptions options = ManagerOptions());
    ~MCPManager();
    MCPManager(MCPManager&&) noexcept;
    MCPManager& operator=(MCPManager&&) noexcept;

    /// Makes `servers` the list of servers, touching only what differs (by name and fingerprint): new ones are started
    /// if `start_all` was called before and their policy says so, removed ones finish what is under way and are closed,
    /// changed ones are replaced by their successors while the old ones finish. Throws std::invalid_argument for
    /// options out of range and for two servers of one name; then nothing was changed.
    Async<ApplyReport> apply(std::vector<UpstreamConfig> servers);
    /// One more, at the end. Throws std::invalid_argument for options out of range; fails with `invalid_config` when
    /// there is one of that name.
    Async<void> add(UpstreamConfig server);
    /// Finishes what is under way (at most `drain_timeout`) and closes it. No timer and no late answer revives it. True
    /// when there was one.
    Async<bool> remove(std::string name);

    /// Starts all eager servers side by side and reports at `deadline`, or as soon as there is nothing to wait for.
    /// Never fails because of a server: what is not ready goes on in the background.
    Async<StartReport> start_all(Seconds deadline = Seconds(30));
    /// Starts one, whatever its policy says, and waits for it.
    Async<StartResult> start(std::string name, Seconds deadline = Seconds(30));
    /// Replaces one server's connection, now; a wait that is under way ends. False when it failed or is unknown.
    Async<bool> reconnect(std::string name);

    /// The newest catalogue; never null, empty at first. Cheap.
    [[nodiscard]] std::shared_ptr<const Catalogue> catalogue() const;
    /// `listener` runs on the loop's thread after each change; it must not block. An empty one removes it, and so does
    /// the end of this object; neither returns while it runs, unless called from it, so what it uses may go then.
    void set_catalogue_listener(std::function<void(const Catalogue&, const CatalogueDiff&)> listener);

    /// `listener` runs on the loop's thread for every event of every server, in order, beside the runtime's sink. It
    /// must not block. Removed as the catalogue's.
    void set_event_listener(std::function<void(const Event&)> listener);

    /// Runs a tool under its offered name. Unknown names fail with `capability_missing`, not_sent, and the nearest
    /// ones. For the rest see MCPClient::call_tool.
    Async<CallToolResult> call_tool(std::string_view name, json::object arguments = json::object(),
                                    CallOptions options = CallOptions());
    Async<GetPromptResult> get_prompt(std::string_view name, json::object arguments = json::object(),
                                      CallOptions options = CallOptions());
    /// From the server that lists the URI, or whose template fits. Several: `capability_missing`, which names them.
    Async<ReadResourceResult> read_resource(std::string uri, CallOptions options = CallOptions());

    /// One server's client; null when there is no such server. A server that is changed or removed fails the calls of
    /// clients from before with `shutdown`. `asker` names who calls, where several share the manager: turns are shared
    /// out between askers, and pools keep their sessions apart. Calls of one `affinity` go to one session of a pool.
    [[nodiscard]] std::shared_ptr<MCPClient> client(std::string_view name, std::string asker = std::string(),
                                                    std::string affinity = std::string()) const;

    /// In the order of the configuration.
    [[nodiscard]] std::vector<UpstreamInfo> upstreams() const;
    [[nodiscard]] FleetHealth health() const;
    /// Nothing when there is no such server.
    [[nodiscard]] std::optional<Explanation> explain(std::string_view name) const;

    /// Closes all servers side by side; calls in flight have a moment to end. Whatever has not ended at `limit` is cut
    /// off. Afterwards the manager is empty. Idempotent.
    Async<void> close(Seconds limit = Seconds(10));

private:
    std::shared_ptr<ManagerCore> core_;
};

}  // namespace haive::mcp
