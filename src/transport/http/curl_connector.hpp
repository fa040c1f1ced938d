#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/base/unique_function.hpp"
#include "transport/http/curl_multi.hpp"
#include "transport/http/http_endpoint.hpp"
#include "transport/http/http_requester.hpp"
#include "transport/http/http_wire.hpp"
#include "transport/stream/stream_resources.hpp"

#include <memory>
#include <optional>
#include <string>

namespace haive::mcp {

/// How connections to an origin are made: what of HttpOptions decides about that.
struct ConnectSettings {
    std::string ca_file;
    std::string client_certificate;
    std::string client_key;
    std::optional<std::string> proxy;
    std::string no_proxy;

    auto operator<=>(const ConnectSettings&) const = default;
};

/// A connection that was just opened.
struct Connected {
    std::unique_ptr<HttpWire> wire;
    HttpTimings timings;
};

/// An attempt to open a connection. Destroying it gives the attempt up at once, also while a name is
/// being looked up. Loop thread only.
class ConnectAttempt {
public:
    virtual ~ConnectAttempt() = default;
};

using OnConnected = UniqueFunction<void(Result<Connected>)>;

/// Opens a connection: name lookup, both address families raced, proxy, TLS. `done` comes once, never from
/// inside this call, and may destroy the attempt. libcurl's own limit of `budget` stands behind the caller's.
[[nodiscard]] std::unique_ptr<ConnectAttempt>
open_connection(EpollLoop& loop, StreamResources& resources, std::shared_ptr<CurlMulti> multi,
                const HttpEndpoint& endpoint, const ConnectSettings& settings, Duration budget, OnConnected done);

}  // namespace haive::mcp
