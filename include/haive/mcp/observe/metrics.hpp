#pragma once

#include "haive/mcp/observe/metric_families.hpp"
#include "haive/mcp/observe/server_metrics.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

struct MetricsOptions {
    MetricsOptions() = default;
    /// What all names but those of OpenTelemetry's own conventions begin with.
    std::string prefix = "mcp.client";
    /// Servers past this number get no histograms of their own; counters and gauges stay.
    std::size_t histogram_servers = 1000;
    /// Names past this number share the instruments of `_other`.
    std::size_t most_servers = 20'000;
};

/// The registry of all metrics of a Runtime: instruments to record to, and one function to read them.
///
/// Give it to the runtime in RuntimeParts; a runtime without one measures nothing and pays nothing.
/// Threads: everything from any thread. Recording takes no lock; reading never keeps a recorder waiting.
/// Lifetime: shared; connections hold the instruments of their server as long as they live.
class Metrics {
public:
    explicit Metrics(MetricsOptions options = MetricsOptions());
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// The instruments of a server, made at first use; the same name gets the same ones. Names over 128 bytes are cut.
    [[nodiscard]] std::shared_ptr<ServerMetrics> server(std::string_view name);
    /// Of the manager: connections that wait for leave to open.
    UpDownCounter gated;

    [[nodiscard]] const std::string& prefix() const noexcept { return options_.prefix; }
    /// Hands every family to `reader`, family by family, each in one or more pieces (see MetricsReading).
    void read(MetricsReader& reader) const;
    /// All there are now, by name.
    [[nodiscard]] std::vector<std::shared_ptr<ServerMetrics>> servers() const;

private:
    const MetricsOptions options_;
    mutable std::mutex mutex_;  // of the map alone
    std::map<std::string, std::shared_ptr<ServerMetrics>, std::less<>> servers_;
};

}  // namespace haive::mcp
