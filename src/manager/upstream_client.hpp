#pragma once

#include "haive/mcp/client/client.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

class Upstream;

/// The typed face of one server of a manager: calls pass what stands before the connection.
class UpstreamClient final : public MCPClient {
public:
    UpstreamClient(std::weak_ptr<Upstream> upstream, std::shared_ptr<ClientContext> context, std::string asker,
                   std::string affinity);

    std::shared_ptr<const SessionFacts> facts() const override;
    bool is_connected() const noexcept override;
    /// The server is the manager's: nothing happens.
    Async<void> close() override;
    void set_roots(std::vector<ClientRoot> roots) override;

private:
    Task<Result<Duration>> probe(Duration limit) override;
    static Task<Result<Duration>> probe_of(std::weak_ptr<Upstream> weak, Duration limit);

    std::weak_ptr<Upstream> upstream_;
};

}  // namespace haive::mcp
