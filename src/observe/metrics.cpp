#include "haive/mcp/observe/metrics.hpp"

#include "haive/mcp/observe/metrics_reading.hpp"

namespace haive::mcp {

namespace {
constexpr std::size_t longest_name = 128;
}  // namespace

Metrics::Metrics(MetricsOptions options) : options_(std::move(options)) {}

std::shared_ptr<ServerMetrics> Metrics::server(std::string_view name) {
    name = name.substr(0, longest_name);
    std::lock_guard lock(mutex_);
    auto found = servers_.find(name);
    if (found == servers_.end()) {
        if (servers_.size() >= options_.most_servers) name = "_other";
        const bool with_histograms = servers_.size() < options_.histogram_servers;
        found = servers_.try_emplace(std::string(name), nullptr).first;
        if (!found->second) found->second = std::make_shared<ServerMetrics>(std::string(name), with_histograms);
    }
    return found->second;
}

std::vector<std::shared_ptr<ServerMetrics>> Metrics::servers() const {
    std::vector<std::shared_ptr<ServerMetrics>> out;
    std::lock_guard lock(mutex_);
    out.reserve(servers_.size());
    for (const auto& [name, server] : servers_) out.push_back(server);
    return out;
}

void Metrics::read(MetricsReader& reader) const {
    MetricsReading reading(*this);
    while (reading.next(reader)) {}
}

}  // namespace haive::mcp
