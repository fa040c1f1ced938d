// How many members there are: which are opened, replaced, given up.
#include "connection/backoff.hpp"
#include "pool/pool_plan.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration first_rest = 100ms;
constexpr Duration longest_rest = 5s;
constexpr double rest_jitter = 0.5;

}  // namespace

/// Several that were on their way together fail for one reason.
void PoolPlan::opening_failed(TimePoint now, double u) noexcept {
    if (now < rest_until_) return;
    const Duration base = backoff_base(++failures_, first_rest, longest_rest, 2);
    rest_until_ = saturating_add(now, backoff_delay(base, rest_jitter, u));
}

/// Nothing more is opened for now: the last opening has failed just now, or the one that finds out is on its way.
bool PoolPlan::rests(TimePoint now) const noexcept {
    if (now < rest_until_) return true;
    return failures_ > 0 &&
           std::ranges::any_of(members_, [](const auto& each) { return each.second.state == MemberPhase::opening; });
}

PoolPlan::MemberId PoolPlan::open(Actions& out, const std::string& asker, TimePoint now) {
    Member member;
    member.asker = asker;
    member.owned = !asker.empty();
    member.used_at = now;
    const MemberId id = next_member_++;
    members_.emplace(id, std::move(member));
    out.open.emplace_back(id, asker);
    return id;
}

void PoolPlan::close(Actions& out, MemberId id, EvictionReason why) {
    const auto member = members_.find(id);
    out.close.push_back({id, why, member->second.leases});
    members_.erase(member);
    std::erase_if(sessions_, [id](const auto& each) { return each.second.member == id; });
    if (replacing_ && (replacing_->first == id || replacing_->second == id)) replacing_.reset();
}

/// What each asker's waiters would need, the oldest first. Those who wait for their own session's member are not helped
/// by another.
std::vector<PoolPlan::Wish> PoolPlan::wishes() const {
    std::vector<Wish> out;
    for (const auto& [key, line] : lines_) {
        if (home_of(line.need) != members_.end()) continue;
        auto wish = std::ranges::find(out, line.need.asker, &Wish::asker);
        if (wish == out.end()) {
            out.push_back(Wish{line.need.asker, line.waiters.front()});
            wish = out.end() - 1;
        }
        wish->oldest = std::min(wish->oldest, line.waiters.front());
        (one_lease_each(line.need) ? wish->alone : wish->shared) += static_cast<int>(line.waiters.size());
    }
    std::ranges::sort(out, {}, &Wish::oldest);
    return out;
}

bool PoolPlan::in_group(const Member& member, std::string_view asker) const noexcept {
    return member.state != MemberPhase::draining && (!member.owned || member.asker == asker);
}

/// A place that somebody else does not use now. Nothing is taken from those who wait for it to come up.
std::optional<PoolPlan::MemberId> PoolPlan::spare_for(std::string_view asker, const Kept& kept) const {
    const auto awaited = [&](const Member& member) {
        if (usable(member)) return false;
        return std::ranges::any_of(lines_, [&](const auto& line) { return line.second.need.asker == member.asker; });
    };
    const auto spare = std::ranges::find_if(members_, [&](const auto& each) {
        const Member& member = each.second;
        return idle(member) && !member.permanent && member.owned && member.asker != asker && !awaited(member) &&
               std::ranges::find(kept, each.first) == kept.end();
    });
    return spare == members_.end() ? std::nullopt : std::optional(spare->first);
}

/// One is on its way that this asker's waiters may use, or there is room for one.
bool PoolPlan::is_coming_for(std::string_view asker, TimePoint now) const {
    const bool opening = std::ranges::any_of(members_, [&](const auto& each) {
        return each.second.state == MemberPhase::opening && in_group(each.second, asker);
    });
    return opening || (living() < limits_.max_size && !rests(now));
}

/// Opens what is missing: for those who wait, ahead of a crowd, and what is to be kept at hand.
void PoolPlan::fill(Actions& out, TimePoint now) {
    if (!suspended_) {
        for (const Wish& wish : wishes()) fill_for(out, wish, now);
    }
    relieve_crowds(out, now);
    while (living() < limits_.min_size && !rests(now)) open(out, std::string(), now);
    while (idle_members() < limits_.min_idle && living() < limits_.max_size && !rests(now)) {
        open(out, std::string(), now);
    }
}

void PoolPlan::fill_for(Actions& out, const Wish& wish, TimePoint now) {
    const std::string asker(wish.asker);  // outlives the lines
    int missing = wish.alone + (wish.shared + limits_.max_in_flight - 1) / limits_.max_in_flight;
    for (const auto& [id, member] : members_) {
        if (comes_up(member) && in_group(member, asker)) --missing;
    }
    for (; missing > 0 && !rests(now); --missing) {
        if (living() >= limits_.max_size) {
            const auto spare = spare_for(asker, {});
            if (!spare) return;
            close(out, *spare, EvictionReason::idle);
        }
        open(out, asker, now);
    }
}

/// One more for an asker all of whose members are nearly full, before anybody has to wait.
void PoolPlan::relieve_crowds(Actions& out, TimePoint now) {
    std::map<std::string, bool> all_crowded;
    for (const auto& [id, member] : members_) {
        if (member.state == MemberPhase::draining || member.exclusive || !member.owned) continue;
        const bool full = usable(member) && member.leases > crowd(limits_);
        const auto [entry, fresh] = all_crowded.emplace(member.asker, full);
        if (!fresh) entry->second = entry->second && full;
    }
    for (const auto& [asker, crowd] : all_crowded) {
        // Somebody's own on its way, or one that is free for anybody.
        const bool coming = std::ranges::any_of(members_, [&](const auto& each) {
            const Member& member = each.second;
            return in_group(member, asker) && (comes_up(member) || !member.owned);
        });
        if (crowd && !coming && limits_.mode != PoolMode::exclusive && living() < limits_.max_size && !rests(now)) {
            open(out, asker, now);
        }
    }
}

void PoolPlan::reap(Actions& out, TimePoint now) {
    std::vector<std::pair<MemberId, EvictionReason>> gone;
    int living_now = living() - (replacing_ ? 1 : 0);
    int idle_now = idle_members() - (replacing_ ? 1 : 0);
    for (const auto& [id, member] : members_) {
        if (member.state == MemberPhase::draining) {
            if (member.leases == 0 || now >= member.drain_until) gone.emplace_back(id, member.why);
            continue;
        }
        if (member.state == MemberPhase::failed && member.leases == 0 && !member.permanent) {
            // It would keep a place from one that may come up.
            --living_now;
            gone.emplace_back(id, EvictionReason::failed);
            continue;
        }
        const bool old = limits_.idle_timeout > Duration::zero() && now - member.used_at >= limits_.idle_timeout;
        if (!old || member.permanent || !idle(member) || comes_up(member)) continue;
        if (replacing_ && (replacing_->first == id || replacing_->second == id)) continue;
        if (living_now <= limits_.min_size || idle_now <= limits_.min_idle) continue;
        --living_now;
        --idle_now;
        gone.emplace_back(id, EvictionReason::idle);
    }
    for (const auto& [id, why] : gone) close(out, id, why);
}

/// Make before break, one at a time (P-6).
void PoolPlan::replace_old(Actions& out, TimePoint now) {
    if (replacing_) {
        const auto [old, successor] = *replacing_;
        const auto fresh = members_.find(successor);
        if (fresh->second.state == MemberPhase::ready) {
            evict(old, now, EvictionReason::lifetime);
        } else if (fresh->second.state == MemberPhase::failed) {
            members_.at(old).expires = saturating_add(now, limits_.max_lifetime / 10);
            close(out, successor, EvictionReason::failed);
        }
        return;
    }
    if (closing_) return;
    const bool one_goes =
        std::ranges::any_of(members_, [](const auto& each) { return each.second.state == MemberPhase::draining; });
    if (one_goes) return;
    const auto old = std::ranges::find_if(
        members_, [&](const auto& each) { return each.second.expires <= now && usable(each.second); });
    if (old == members_.end()) return;
    const MemberId id = old->first;
    const std::string asker = old->second.owned ? old->second.asker : std::string();
    const MemberId successor = open(out, asker, now);
    members_.at(successor).owned = members_.at(id).owned;
    replacing_ = std::pair(id, successor);
}

TimePoint PoolPlan::next(TimePoint now) const {
    TimePoint out = never;
    const auto at = [&](TimePoint when) {
        if (when > now) out = std::min(out, when);
    };
    const bool one_goes = replacing_ || std::ranges::any_of(members_, [](const auto& each) {
                              return each.second.state == MemberPhase::draining;
                          });
    if (!closing_) at(rest_until_);
    for (const auto& [id, member] : members_) {
        if (member.state == MemberPhase::draining) {
            at(member.drain_until);
            continue;
        }
        if (!one_goes && member.expires != never && usable(member)) at(std::max(member.expires, now + Duration(1)));
        if (waiting_ > 0) at(member.ejected_until);
        if (idle(member) && !member.permanent && limits_.idle_timeout > Duration::zero()) {
            at(saturating_add(member.used_at, limits_.idle_timeout));
        }
    }
    return out;
}

}  // namespace haive::mcp
