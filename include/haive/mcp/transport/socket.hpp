#pragma once

#include "haive/mcp/transport/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Bounds of a server spoken to over a socket.
struct SocketOptions {
    SocketOptions() = default;
    /// Largest message that is taken from the server, in bytes. A larger one fails only its own call.
    std::size_t max_message_bytes = std::size_t{64} << 20;
    /// Bytes queued for a server that does not read, behind the message being written. Beyond them calls
    /// fail at once with ErrorKind::queue_full, not sent.
    std::size_t max_outbox_bytes = std::size_t{4} << 20;
};

/// A server that listens on a Unix domain socket, spoken to with stdio's framing: one JSON message a line.
/// The socket is the connection. Source: MCP specification, Transports, *Custom transports*.
class UnixSocketTransport : public MCPTransport {
public:
    /// A path that begins with `@` names an abstract socket (Linux).
    explicit UnixSocketTransport(std::string path, SocketOptions options = SocketOptions())
        : path_(std::move(path)), options_(options) {}

    /// Errors: server_unavailable (nobody listens: time may mend it), invalid_config (a path that is none).
    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override {
        return std::make_shared<UnixSocketTransport>(*this);
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "UnixSocketTransport"; }
    [[nodiscard]] std::string describe() const override { return "unix:" + path_; }
    [[nodiscard]] ServerPlace place() const override { return {.transport = "unix", .address = path_}; }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const SocketOptions& options() const noexcept { return options_; }

private:
    std::string path_;
    SocketOptions options_;
};

/// A server that listens on a TCP port, spoken to with stdio's framing, unencrypted: for the same host or a
/// network that is trusted.
class TcpTransport : public MCPTransport {
public:
    TcpTransport(std::string host, std::uint16_t port, SocketOptions options = SocketOptions())
        : host_(std::move(host)), options_(options), port_(port) {}

    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override { return std::make_shared<TcpTransport>(*this); }
    [[nodiscard]] std::string_view type() const noexcept override { return "TcpTransport"; }
    [[nodiscard]] std::string describe() const override { return "tcp://" + host_ + ':' + std::to_string(port_); }
    [[nodiscard]] std::string origin() const override { return describe(); }
    [[nodiscard]] ServerPlace place() const override {
        return {.transport = "tcp", .address = host_, .port = std::to_string(port_)};
    }

    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] const SocketOptions& options() const noexcept { return options_; }

private:
    std::string host_;
    SocketOptions options_;
    std::uint16_t port_;
};

}  // namespace haive::mcp
