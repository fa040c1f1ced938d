#include "manager/connect_schedule.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

namespace {

constexpr auto process = static_cast<std::size_t>(OpenKind::process);
constexpr auto network = static_cast<std::size_t>(OpenKind::network);
constexpr auto again = static_cast<std::size_t>(OpenPriority::idle);
constexpr auto waited_for = static_cast<std::size_t>(OpenPriority::waited_for);
constexpr Duration storm_lasts = std::chrono::seconds(30);

}  // namespace

void TokenBucket::fill(TimePoint now) noexcept {
    if (now <= filled_) return;
    tokens_ = std::min(burst_, tokens_ + per_second_ * to_seconds(now - filled_));
    filled_ = now;
}

bool TokenBucket::has(TimePoint now) noexcept {
    fill(now);
    return tokens_ >= 1 - 1e-9;
}

void TokenBucket::take(TimePoint now) noexcept {
    fill(now);
    tokens_ = std::max(0.0, tokens_ - 1);
}

TimePoint TokenBucket::next(TimePoint now) noexcept {
    if (has(now)) return now;
    // Rounded up, so that there is one when the time has come.
    return saturating_add(now, to_duration(Seconds((1 - tokens_) / per_second_)) + Duration(1));
}

ConnectSchedule::ConnectSchedule(const ConnectScheduleOptions& options)
    : options_(options),
      rate_(options.opens_per_second, options.burst),
      process_rate_(options.processes_per_second, options.processes_at_once) {}

ConnectSchedule::Origin ConnectSchedule::add(std::string_view origin, OpenKind kind) {
    ++members_;
    if (!origin.empty()) {
        const auto known = by_name_.find(origin);
        if (known != by_name_.end()) {
            ++origins_[known->second].members;
            return known->second;
        }
    }
    Origin out = origins_.size();
    if (free_.empty()) {
        origins_.emplace_back();
    } else {
        out = free_.back();
        free_.pop_back();
    }
    OriginState& state = origins_[out];
    state = OriginState();
    state.name = std::string(origin);
    state.kind = kind;
    state.members = 1;
    if (!origin.empty()) by_name_.emplace(state.name, out);
    return out;
}

/// The last member of an origin takes it along; its number may be used again, for another.
void ConnectSchedule::remove(Origin origin) {
    --members_;
    OriginState& state = origins_[origin];
    if (--state.members > 0) return;
    if (!state.name.empty()) by_name_.erase(state.name);
    for (auto& by_kind : ready_) {
        for (auto& ready : by_kind) std::erase(ready, origin);
    }
    std::erase_if(resting_, [origin](const auto& each) { return each.second.first == origin; });
    free_.push_back(origin);
}

void ConnectSchedule::ask(Number number, Origin origin, OpenPriority priority, TimePoint) {
    const auto p = static_cast<std::size_t>(priority);
    auto& queue = origins_[origin].queues[p];
    queue.push_back(number);
    queued_.emplace(number, Place{origin, p, std::prev(queue.end())});
    if (p == again) ++queued_again_;
    list(origin, p);
}

void ConnectSchedule::withdraw(Number number) {
    const auto place = queued_.find(number);
    if (place == queued_.end()) return end(number);
    const auto [origin, priority, at] = place->second;
    origins_[origin].queues[priority].erase(at);
    queued_.erase(place);
    if (priority == again) --queued_again_;
}

void ConnectSchedule::enter(Number number, Origin origin, TimePoint now) { begin(number, origin, now); }

void ConnectSchedule::begin(Number number, Origin origin, TimePoint now) {
    OriginState& state = origins_[origin];
    const auto kind = static_cast<std::size_t>(state.kind);
    rate_.take(now);
    if (kind == process) process_rate_.take(now);
    ++state.opening;
    ++opening_[kind];
    leaves_.emplace(number, Leave{origin, now});
    holds_[kind].push_back(number);
    if (state.releasing) {
        state.release_tokens -= 1;
        state.releasing = std::ranges::any_of(state.queues, [](const auto& queue) { return !queue.empty(); });
    }
}

void ConnectSchedule::end(Number number) {
    const auto found = leaves_.find(number);
    if (found == leaves_.end()) return;
    const Leave leave = found->second;
    leaves_.erase(found);
    OriginState& state = origins_[leave.origin];
    --state.opening;
    const auto kind = static_cast<std::size_t>(state.kind);
    if (leave.held) {
        --opening_[kind];
    } else if (kind == process) {
        --late_;
    }
    list_all(leave.origin);
}

void ConnectSchedule::ended(Number number, bool reached, TimePoint now) {
    const auto found = leaves_.find(number);
    if (found == leaves_.end()) return;
    OriginState& state = origins_[found->second.origin];
    if (reached && state.kind == OpenKind::process) {
        usual_start_ = std::max(now - found->second.began, usual_start_ - usual_start_ / 8);
    }
    if (!reached) {
        const double rest = to_seconds(options_.first_origin_rest) * std::exp2(std::min(state.failures, 20));
        state.rest_until = now + std::min(options_.longest_origin_rest, to_duration(Seconds(rest)));
        ++state.failures;
    } else if (state.failures > 0) {
        state.failures = 0;
        state.releasing = true;
        state.release_tokens = 1;
        state.released_at = now;
    }
    end(number);
}

bool ConnectSchedule::lost(TimePoint now) {
    losses_.push_back(now);
    while (losses_.front() < now - options_.storm_window) losses_.pop_front();
    const auto many = std::max(static_cast<double>(options_.storm_least), options_.storm_share * members_);
    const bool storm = static_cast<double>(losses_.size()) >= many;
    if (static_cast<double>(losses_.size()) > many) losses_.pop_front();  // no more than it takes is kept
    if (!storm) return false;
    const bool fresh = !storming(now);
    storm_until_ = now + storm_lasts;
    return fresh;
}

void ConnectSchedule::list(Origin origin, std::size_t priority) {
    OriginState& state = origins_[origin];
    if (state.queues[priority].empty() || std::exchange(state.listed[priority], true)) return;
    ready_[priority][static_cast<std::size_t>(state.kind)].push_back(origin);
}

void ConnectSchedule::list_all(Origin origin) {
    for (std::size_t p = 0; p < priorities; ++p) list(origin, p);
}

ConnectSchedule::May ConnectSchedule::may_open(OriginState& origin, std::size_t priority, TimePoint now,
                                               TimePoint& when) {
    if (origin.opening >= options_.per_origin) return May::after_an_end;
    // What concerns one connection alone is its own backoff's business.
    if (origin.members <= 1) return May::now;
    if (origin.failures > 0) {
        if (origin.opening > 0) return May::after_an_end;
        if (now < origin.rest_until && priority != waited_for) {
            when = origin.rest_until;
            return May::later;
        }
        return May::now;
    }
    if (origin.releasing) {
        const double rate = options_.releases_per_second * (storming(now) ? 0.5 : 1);
        origin.release_tokens = std::min(1.0, origin.release_tokens + rate * to_seconds(now - origin.released_at));
        origin.released_at = now;
        if (origin.release_tokens < 1 - 1e-9) {
            when = now + to_duration(Seconds((1 - origin.release_tokens) / rate)) + Duration(1);
            return May::later;
        }
    }
    return May::now;
}

bool ConnectSchedule::kind_is_full(std::size_t kind) const noexcept {
    if (kind == process) return opening_[kind] >= options_.processes_at_once;
    if (kind == network) return opening_[kind] >= options_.network_at_once;
    return false;
}

/// Silence costs the host nothing, so a silent process keeps nobody waiting much longer than one that starts as the
/// others do. Where many are late, it is the host that is slow, and they keep their places.
Duration ConnectSchedule::hold(std::size_t kind) const noexcept {
    if (kind != process || usual_start_ == Duration::zero() || late_ >= options_.processes_at_once) {
        return options_.longest_hold;
    }
    return std::clamp(usual_start_ * options_.late_factor, std::min(options_.least_hold, options_.longest_hold),
                      options_.longest_hold);
}

void ConnectSchedule::release_holds(TimePoint now) {
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        auto& holds = holds_[kind];
        while (!holds.empty()) {
            const auto found = leaves_.find(holds.front());
            if (found != leaves_.end()) {
                if (now < found->second.began + hold(kind)) break;
                found->second.held = false;
                --opening_[kind];
                if (kind == process) ++late_;
            }
            holds.pop_front();
        }
    }
}

std::vector<ConnectSchedule::Number> ConnectSchedule::grants(TimePoint now) {
    std::vector<Number> out;
    release_holds(now);
    while (!resting_.empty() && resting_.begin()->first <= now) {
        const auto [origin, priority] = resting_.begin()->second;
        resting_.erase(resting_.begin());
        origins_[origin].listed[priority] = false;
        list(origin, priority);
    }
    for (std::size_t p = 0; p < priorities; ++p) {
        for (std::size_t kind = 0; kind < kinds; ++kind) {
            auto& ready = ready_[p][kind];
            while (!ready.empty() && rate_.has(now) && !kind_is_full(kind)) {
                if (kind == process && p == again && !process_rate_.has(now)) break;
                const Origin origin = ready.front();
                ready.pop_front();
                OriginState& state = origins_[origin];
                state.listed[p] = false;
                if (state.queues[p].empty()) continue;
                TimePoint when = never;
                switch (may_open(state, p, now, when)) {
                    case May::now: {
                        const Number number = state.queues[p].front();
                        state.queues[p].pop_front();
                        queued_.erase(number);
                        if (p == again) --queued_again_;
                        begin(number, origin, now);
                        out.push_back(number);
                        list(origin, p);
                        break;
                    }
                    case May::later:
                        state.listed[p] = true;
                        resting_.emplace(when, std::pair(origin, p));
                        break;
                    case May::after_an_end: break;
                }
            }
        }
    }
    return out;
}

bool ConnectSchedule::busy(TimePoint now) {
    release_holds(now);
    return queued_.size() > queued_again_ || std::ranges::any_of(opening_, [](int count) { return count > 0; });
}

TimePoint ConnectSchedule::next(TimePoint now) {
    TimePoint out = resting_.empty() ? never : resting_.begin()->first;
    for (std::size_t p = 0; p < priorities; ++p) {
        for (std::size_t kind = 0; kind < kinds; ++kind) {
            if (ready_[p][kind].empty()) continue;
            TimePoint when = rate_.next(now);
            if (kind == process && p == again) when = std::max(when, process_rate_.next(now));
            if (kind_is_full(kind)) {
                // Every place is held by somebody who has not ended, the longest by the first of them.
                const auto first = std::ranges::find_if(holds_[kind], [this](Number n) { return leaves_.contains(n); });
                when = std::max(when, leaves_.at(*first).began + hold(kind));
            }
            out = std::min(out, when);
        }
    }
    return out;
}

}  // namespace haive::mcp
