#include "haive/mcp/observe/server_metrics.hpp"

#include <algorithm>

namespace haive::mcp {

ServerMetrics::ServerMetrics(std::string name, bool with_histograms)
    : name_(std::move(name)), histograms_(with_histograms ? std::make_unique<Histograms>() : nullptr) {}

void ServerMetrics::attach(const MetricsSource& source) {
    std::lock_guard lock(mutex_);
    sources_.push_back(&source);
}

void ServerMetrics::detach(const MetricsSource& source) noexcept {
    std::lock_guard lock(mutex_);
    std::erase(sources_, &source);
}

ServerMetrics::Summary ServerMetrics::summary() const {
    Summary out;
    std::lock_guard lock(mutex_);
    double longest = 0;
    for (const MetricsSource* source : sources_) {
        const ConnectionSample sample = source->sample();
        if (sample.status < out.by_status.size()) ++out.by_status[sample.status];
        longest = std::max(longest, sample.uptime);
        if (out.connections == 0 || sample.score < out.worst.score) out.worst = sample;
        ++out.connections;
    }
    out.worst.uptime = longest;
    return out;
}

}  // namespace haive::mcp
