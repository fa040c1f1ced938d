#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace haive::mcp {

/// Where an origin is: what a connection is opened to.
struct HttpEndpoint {
    bool tls = false;
    std::string host;  ///< a name or an address; an IPv6 address without its brackets
    std::uint16_t port = 80;

    auto operator<=>(const HttpEndpoint&) const = default;

    /// `host:port`, for people and for curl; an IPv6 address in brackets.
    [[nodiscard]] std::string host_port() const { return bracketed() + ":" + std::to_string(port); }
    /// The `Host` header's value: the scheme's own port is left out.
    [[nodiscard]] std::string authority() const { return port == (tls ? 443 : 80) ? bracketed() : host_port(); }

private:
    [[nodiscard]] std::string bracketed() const {
        return host.find(':') == std::string::npos ? host : "[" + host + "]";
    }
};

}  // namespace haive::mcp
