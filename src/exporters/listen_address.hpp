#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

struct ListenAddress {
    std::string host;
    std::string port;
};

/// `HOST:PORT`, `[V6]:PORT`, `:PORT` or `PORT`, the last two on 127.0.0.1; nullopt for anything else. Pure.
[[nodiscard]] std::optional<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace haive::mcp
