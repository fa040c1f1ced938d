#include "pool/member_pick.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr double tau = 10;  // seconds
constexpr Duration unknown = 1ms;
constexpr Duration least_failure = 1s;
constexpr double least_score = 0.05;

}  // namespace

void PeakLatency::failed(Duration took, TimePoint now) noexcept { add(std::max<Duration>(took, least_failure), now); }

void PeakLatency::add(Duration sample, TimePoint now) noexcept {
    const Duration before = at(now);
    if (!known_ || sample >= before) {
        value_ = sample;
    } else {
        const double keep = std::exp(-std::max(0.0, to_seconds(now - at_)) / tau);
        value_ = to_duration(Seconds(keep * to_seconds(before) + (1 - keep) * to_seconds(sample)));
    }
    known_ = true;
    at_ = now;
}

/// Without news it fades too, or a member that once was slow would never be asked again.
Duration PeakLatency::at(TimePoint now) const noexcept {
    if (!known_) return unknown;
    const double keep = std::exp(-std::max(0.0, to_seconds(now - at_)) / tau);
    return std::max(unknown, to_duration(Seconds(keep * to_seconds(value_))));
}

double cost_of(const Candidate& candidate) noexcept {
    const double score = std::max(least_score, candidate.score);
    return to_seconds(candidate.latency) * (candidate.pending + 1) / (score * score);
}

std::optional<std::size_t> pick_member(std::span<const Candidate> candidates, double u, double v) noexcept {
    const auto ready = static_cast<std::size_t>(std::ranges::count(candidates, true, &Candidate::ready));
    const bool only_ready = ready > 0;
    const std::size_t n = only_ready ? ready : candidates.size();
    if (n == 0) return std::nullopt;
    const auto nth = [&](std::size_t index) -> const Candidate& {
        if (!only_ready) return candidates[index];
        for (const Candidate& each : candidates) {
            if (each.ready && index-- == 0) return each;
        }
        return candidates[0];
    };
    const auto first = std::min(n - 1, static_cast<std::size_t>(u * static_cast<double>(n)));
    if (n == 1) return nth(first).member;
    auto second = std::min(n - 2, static_cast<std::size_t>(v * static_cast<double>(n - 1)));
    if (second >= first) ++second;  // another one
    const Candidate& a = nth(first);
    const Candidate& b = nth(second);
    return cost_of(a) <= cost_of(b) ? a.member : b.member;
}

}  // namespace haive::mcp
