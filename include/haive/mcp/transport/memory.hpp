#pragma once

#include "haive/mcp/transport/transport.hpp"

#include <functional>
#include <memory>
#include <string>

namespace haive::mcp {

/// A server inside this process, spoken to over an in-memory pair of byte streams with the framing of
/// stdio: for tests, and for hosts that bring tools of their own without a process.
class MemoryServer {
public:
    virtual ~MemoryServer() = default;
    /// One line from the client, without its newline. `reply(line)` sends one back, now or later, from
    /// the loop's thread; it may be kept and is harmless once the channel is gone.
    virtual void on_line(std::string_view line, const std::function<void(std::string)>& reply) = 0;
};

/// Opens a channel to a fresh MemoryServer each time: a new one is a new "process".
class MemoryTransport final : public MCPTransport {
public:
    using Factory = std::function<std::unique_ptr<MemoryServer>()>;
    explicit MemoryTransport(Factory factory) : factory_(std::move(factory)) {}

    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override {
        return std::make_shared<MemoryTransport>(*this);
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "MemoryTransport"; }
    [[nodiscard]] std::string describe() const override { return "in-memory server"; }

private:
    Factory factory_;
};

}  // namespace haive::mcp
