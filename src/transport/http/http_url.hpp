#pragma once

#include "haive/mcp/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Where a server is, taken apart. Parsing is libcurl's (RFC 3986 with its WHATWG leniences).
struct HttpUrl {
    std::string scheme;  ///< lower case: http, https, ws, wss
    std::string host;    ///< IPv6 addresses without brackets
    std::uint16_t port = 0;
    std::string target = "/";  ///< path and query, as a request line wants them
    std::string user;          ///< decoded; from `user:password@`
    std::string password;

    /// Errors: invalid_config, which says what is wrong and does not repeat credentials.
    [[nodiscard]] static Result<HttpUrl> parse(std::string_view text);
    /// `reference` seen from here (RFC 3986, 5.2): absolute, or relative to this URL.
    [[nodiscard]] Result<HttpUrl> resolve(std::string_view reference) const;

    [[nodiscard]] bool tls() const noexcept { return scheme == "https" || scheme == "wss"; }
    /// `scheme://host:port`, the port only when it is not the usual one.
    [[nodiscard]] std::string origin() const;
    /// Origin and path: what may be shown. Queries may hold secrets; parts of the path that look like keys are hidden.
    [[nodiscard]] std::string shown() const;
    [[nodiscard]] bool same_origin(const HttpUrl& other) const noexcept {
        return tls() == other.tls() && host == other.host && port == other.port;
    }
};

}  // namespace haive::mcp
