#pragma once

#include "transport/http/curl_connector.hpp"
#include "transport/http/curl_multi.hpp"
#include "transport/http/http_endpoint.hpp"

#include <map>
#include <memory>
#include <tuple>

namespace haive::mcp {

class HttpOrigin;

/// What all HTTP of one loop shares: libcurl's multi handle with the trust store in it, and the origins
/// that are in use. Loop thread only.
struct HttpResources {
    explicit HttpResources(EpollLoop& epoll) : loop(epoll), multi(std::make_shared<CurlMulti>(epoll)) {}

    using Key = std::tuple<HttpEndpoint, ConnectSettings>;
    EpollLoop& loop;
    std::shared_ptr<CurlMulti> multi;
    std::map<Key, std::weak_ptr<HttpOrigin>> origins;
};

}  // namespace haive::mcp
