#pragma once

#include "haive/mcp/client/client.hpp"

namespace haive::mcp {

class ConnectionCore;

/// A Caller that does not keep its connection alive: what a client handle holds.
class WeakCaller final : public Caller {
public:
    explicit WeakCaller(std::weak_ptr<ConnectionCore> core) : core_(std::move(core)) {}
    Task<Result<Reply>> call(Request request) override;

private:
    std::weak_ptr<ConnectionCore> core_;
};

/// The client of a connection: the same object through all generations.
class ConnectionClient final : public MCPClient {
public:
    ConnectionClient(std::shared_ptr<ClientContext> context, std::shared_ptr<Caller> caller,
                     std::weak_ptr<ConnectionCore> core);

    std::shared_ptr<const SessionFacts> facts() const override;
    bool is_connected() const noexcept override;
    Async<void> close() override;
    void set_roots(std::vector<ClientRoot> roots) override;

private:
    Task<Result<Duration>> probe(Duration limit) override;
    static Task<Result<Duration>> probe_of(std::weak_ptr<ConnectionCore> weak, Duration limit);

    std::weak_ptr<ConnectionCore> core_;
};

}  // namespace haive::mcp
