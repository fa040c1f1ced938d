#include "haive/mcp/observe/server_metrics.hpp"

#include <algorithm>

namespace haive::mcp {

ServerMetrics::ServerMetrics(std::string name, bool with_histograms)
    : name_(std::move(name)), histograms_(with_histograms ? std::make_unique<Histograms>() : nullptr) {
    static const auto nowhere = std::make_shared<const ServerPlace>();
    place_ = nowhere;
}

void ServerMetrics::set_place(ServerPlace place) {
    auto fresh = std::make_shared<const ServerPlace>(std::move(place));
    std::lock_guard lock(mutex_);
    place_ = std::move(fresh);
}

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
    out.place = place_;
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
