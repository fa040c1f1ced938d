#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/observe/metrics.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace haive::mcp {

/// `GET /metrics` over HTTP, in a thread of its own: a scrape never takes time from the connections.
///
/// It answers anybody who can reach the address, so the default is the loopback one. At most 16 clients at a time,
/// each with 5 s for its request and its answer; more wait in the kernel's queue. Lifetime: closed by the destructor.
class MetricsEndpoint {
public:
    /// `address` is `HOST:PORT`, `[V6]:PORT` or just `PORT`, on the loopback then; port 0 lets the kernel choose.
    /// ErrorKind::invalid_config where it is none of these or cannot be listened on.
    static Result<std::unique_ptr<MetricsEndpoint>> listen(std::string_view address,
                                                           std::shared_ptr<const Metrics> metrics);
    ~MetricsEndpoint();
    MetricsEndpoint(const MetricsEndpoint&) = delete;
    MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;
    /// `http://127.0.0.1:9464/metrics`
    [[nodiscard]] const std::string& url() const noexcept;

private:
    struct Impl;
    explicit MetricsEndpoint(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace haive::mcp
