#pragma once

#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/socket.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Whether a word is a server's URL rather than its name: `http://`, `https://`, `ws://`, `wss://`, `unix:`,
/// `tcp://`.
[[nodiscard]] bool is_server_url(std::string_view text) noexcept;

/// The transport that a URL asks for. `type` is a configuration's word for it or empty: `http`,
/// `streamable-http`, `sse`, `ws`... decides between those that share a scheme. `socket` is for `unix:` and `tcp:`,
/// `options` for the others.
/// Errors: invalid_config, which says what is wrong without repeating credentials.
[[nodiscard]] Result<std::shared_ptr<MCPTransport>> transport_for_url(const std::string& url, std::string_view type,
                                                                      HttpOptions options,
                                                                      SocketOptions socket = SocketOptions());

}  // namespace haive::mcp
