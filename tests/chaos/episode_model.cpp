#include "chaos/episode_model.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

Duration EpisodeModel::base(int attempt) const {
    const double first = options_.reconnect_delay.count();
    const double delay = first * std::pow(options_.backoff_multiplier, std::min(attempt - 1, 40));
    return to_duration(Seconds(std::min(delay, options_.max_reconnect_delay.count())));
}

Duration EpisodeModel::stable_uptime(int used) const {
    if (options_.stable_uptime) return to_duration(*options_.stable_uptime);
    const Duration last = base(std::max(1, used));
    return std::clamp<Duration>(std::max(to_duration(options_.health_check_interval), 2 * last), 10s, 600s);
}

void EpisodeModel::leave_connected(Duration uptime, bool answered) {
    std::vector<int> after;
    for (const int used : used_) {
        const bool stable = uptime >= stable_uptime(used);
        if (stable) after.push_back(0);
        if (!stable || !answered || uptime == stable_uptime(used)) after.push_back(used);
    }
    std::ranges::sort(after);
    after.erase(std::ranges::unique(after).begin(), after.end());
    used_ = std::move(after);
}

bool EpisodeModel::schedule(Duration delay) {
    std::erase_if(used_, [&](int used) {
        if (limited() && used >= options_.max_reconnect_attempts) return true;
        const double longest = static_cast<double>(base(used + 1).count());
        const double seen = static_cast<double>(delay.count());
        return seen > longest + 1e3 ||
               seen < longest * (1 - options_.jitter.value_or(0.5)) - 1e3;  // a microsecond of rounding
    });
    return !used_.empty();
}

bool EpisodeModel::attempt() {
    for (int& used : used_) ++used;
    std::erase_if(used_, [&](int used) { return limited() && used > options_.max_reconnect_attempts; });
    return !used_.empty();
}

bool EpisodeModel::exhaust() {
    std::erase_if(used_, [&](int used) { return used < options_.max_reconnect_attempts; });
    return limited() && !used_.empty();
}

}  // namespace haive::mcp::chaos
