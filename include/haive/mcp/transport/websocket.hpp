#pragma once

#include "haive/mcp/transport/http.hpp"

namespace haive::mcp {

/// A server behind `ws://` or `wss://`: one JSON-RPC message a text message, subprotocol `mcp`.
///
/// Not in the MCP specification, but in use; RFC 6455. TLS, proxies, headers and credentials are those of
/// HttpOptions. The socket is the connection: its loss is the channel's.
class WebSocketTransport : public MCPTransport {
public:
    explicit WebSocketTransport(std::string url, HttpOptions options = HttpOptions())
        : url_(std::move(url)), options_(std::move(options)) {}

    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override {
        return std::make_shared<WebSocketTransport>(*this);
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "WebSocketTransport"; }
    /// The URL without its query and credentials, `***` for what looks like a key in its path.
    [[nodiscard]] std::string describe() const override;
    [[nodiscard]] std::string origin() const override;

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] const HttpOptions& options() const noexcept { return options_; }

private:
    std::string url_;
    HttpOptions options_;
};

}  // namespace haive::mcp
