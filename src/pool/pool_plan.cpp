#include "pool/pool_plan.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr double unhealthy = 0.5;
constexpr Duration first_ejection = 30s;
constexpr Duration longest_ejection = 300s;
constexpr double crowded = 0.75;
constexpr double lifetime_jitter = 0.1;
constexpr std::size_t most_sessions = 10'000;

std::string line_key(const LeaseNeed& need) {
    return need.asker + '\n' + need.affinity + (need.exclusive ? "\nx" : "\n");
}

std::string session_key(const LeaseNeed& need) { return need.asker + '\n' + need.affinity; }

}  // namespace

PoolPlan::MemberId PoolPlan::adopt(TimePoint now) {
    Member member;
    member.permanent = true;
    member.owned = true;  // by those who do not say who they are
    member.used_at = now;
    members_.emplace(next_member_, std::move(member));
    return next_member_++;
}

bool PoolPlan::ask(WaiterId waiter, LeaseNeed need) {
    if (waiting_ >= static_cast<std::size_t>(limits_.max_waiting)) return false;
    std::string key = line_key(need);
    auto [line, fresh] = lines_.try_emplace(std::move(key));
    if (fresh) line->second.need = std::move(need);
    line->second.waiters.push_back(waiter);
    ++waiting_;
    asked_ = true;
    return true;
}

bool PoolPlan::withdraw(WaiterId waiter) {
    for (auto line = lines_.begin(); line != lines_.end(); ++line) {
        auto& waiters = line->second.waiters;
        const auto at = std::ranges::lower_bound(waiters, waiter);
        if (at == waiters.end() || *at != waiter) continue;
        waiters.erase(at);
        --waiting_;
        if (waiters.empty()) lines_.erase(line);
        return true;
    }
    return false;
}

bool PoolPlan::is_session(const LeaseNeed& need) const noexcept {
    return limits_.mode == PoolMode::session && !need.affinity.empty();
}

bool PoolPlan::one_lease_each(const LeaseNeed& need) const noexcept {
    return need.exclusive || limits_.mode == PoolMode::exclusive;
}

bool PoolPlan::usable(const Member& member) const noexcept {
    return member.state == MemberPhase::ready || member.state == MemberPhase::suspect;
}

bool PoolPlan::idle(const Member& member) const noexcept {
    return member.leases == 0 && member.state != MemberPhase::draining;
}

int PoolPlan::idle_members() const noexcept {
    return static_cast<int>(std::ranges::count_if(members_, [this](const auto& each) { return idle(each.second); }));
}

bool PoolPlan::is_for(const Member& member, const LeaseNeed& need) const noexcept {
    return !member.owned || member.asker == need.asker;
}

bool PoolPlan::has_room(const Member& member, const LeaseNeed& need) const noexcept {
    if (member.exclusive) return false;
    return one_lease_each(need) ? member.leases == 0 : member.leases < limits_.max_in_flight;
}

/// Those that count against max_size.
int PoolPlan::living() const noexcept {
    return static_cast<int>(
        std::ranges::count_if(members_, [](const auto& each) { return each.second.state != MemberPhase::draining; }));
}

std::optional<PoolPlan::MemberId> PoolPlan::find_for(const LeaseNeed& need, TimePoint now, ChanceRef chance) const {
    if (is_session(need)) {
        const auto session = sessions_.find(session_key(need));
        if (session != sessions_.end()) {
            const auto member = members_.find(session->second.member);
            const bool there = member != members_.end() && usable(member->second);
            if (there && has_room(member->second, need)) return member->first;
            // Its memory is on that member; only when nobody uses it may it begin anew elsewhere.
            if (member != members_.end() && (there || session->second.leases > 0)) return std::nullopt;
        }
    }
    std::vector<Candidate> candidates;
    std::vector<Candidate> ejected;
    int all = 0;
    int available = 0;
    for (const auto& [id, member] : members_) {
        if (member.state == MemberPhase::draining || !is_for(member, need)) continue;
        ++all;
        if (!usable(member)) continue;
        const bool aside = now < member.ejected_until;
        if (!aside) ++available;
        if (!has_room(member, need)) continue;
        Candidate each;
        each.member = id;
        each.latency = member.latency.at(now);
        each.pending = member.leases;
        each.score = member.score;
        each.ready = member.state == MemberPhase::ready;
        (aside ? ejected : candidates).push_back(each);
    }
    // Where most are away, health says little: all that there is shares the load (K-4).
    if (2 * available < all) {
        candidates.insert(candidates.end(), ejected.begin(), ejected.end());
        for (Candidate& each : candidates) each.score = 1;
    }
    const double u = candidates.size() > 1 ? chance() : 0;
    return pick_member(candidates, u, candidates.size() > 2 ? chance() : 0);
}

void PoolPlan::take(MemberId id, const LeaseNeed& need, TimePoint now) {
    Member& member = members_.at(id);
    ++member.leases;
    member.owned = true;
    member.asker = need.asker;
    member.exclusive = one_lease_each(need);
    member.used_at = now;
    if (limits_.min_idle > 0 || member.leases > crowded * limits_.max_in_flight) dirty_ = true;
    if (is_session(need)) remember(id, need, now);
}

void PoolPlan::remember(MemberId id, const LeaseNeed& need, TimePoint now) {
    if (sessions_.size() >= most_sessions) {
        auto oldest = sessions_.end();
        for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
            if (it->second.leases > 0) continue;
            if (oldest == sessions_.end() || it->second.used_at < oldest->second.used_at) oldest = it;
        }
        if (oldest != sessions_.end()) sessions_.erase(oldest);
    }
    Session& session = sessions_[session_key(need)];
    session.member = id;
    session.used_at = now;
    ++session.leases;
}

void PoolPlan::release(MemberId id, const LeaseNeed& need, TimePoint now) {
    if (is_session(need)) {
        const auto session = sessions_.find(session_key(need));
        if (session != sessions_.end() && session->second.member == id) --session->second.leases;
    }
    const auto found = members_.find(id);
    if (found == members_.end()) return;  // closed under its lease
    Member& member = found->second;
    --member.leases;
    member.exclusive = false;
    member.used_at = now;
    if (member.state == MemberPhase::draining) dirty_ = true;
}

void PoolPlan::called(MemberId id, Duration took, bool failed, TimePoint now) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    if (failed) {
        found->second.latency.failed(took, now);
    } else {
        found->second.latency.answered(took, now);
    }
}

void PoolPlan::report(MemberId id, MemberPhase state, TimePoint now, double u) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    Member& member = found->second;
    if (member.state == MemberPhase::draining) return;
    if (state == MemberPhase::ready && !std::exchange(member.was_ready, true)) {
        member.used_at = now;
        if (limits_.max_lifetime > Duration::zero() && !member.permanent) {
            const double share = 1 - lifetime_jitter * u;
            member.expires = saturating_add(now, to_duration(Seconds(share * to_seconds(limits_.max_lifetime))));
        }
    }
    if (state == MemberPhase::failed && member.state != MemberPhase::failed) disappointed_.push_back(member.asker);
    member.state = state;
    dirty_ = true;
}

/// Set aside while others can do its work (P-5).
void PoolPlan::score(MemberId id, double score, TimePoint now) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    Member& member = found->second;
    member.score = score;
    if (score >= unhealthy) {
        if (now >= member.ejected_until + longest_ejection) member.ejections = 0;
        return;
    }
    if (now < member.ejected_until || !usable(member)) return;
    const auto aside =
        std::ranges::count_if(members_, [now](const auto& each) { return now < each.second.ejected_until; });
    if (static_cast<double>(aside + 1) > limits_.max_ejected * static_cast<double>(members_.size())) return;
    member.ejected_until = now + std::min<Duration>(longest_ejection, first_ejection * ++member.ejections);
}

bool PoolPlan::evict(MemberId id, TimePoint now, CloseReason why) {
    const auto found = members_.find(id);
    if (found == members_.end() || found->second.permanent || found->second.state == MemberPhase::draining)
        return false;
    found->second.state = MemberPhase::draining;
    found->second.drain_until = saturating_add(now, limits_.drain_timeout);
    found->second.why = why;
    dirty_ = true;
    return true;
}

void PoolPlan::drain_all(TimePoint now, Duration patience) {
    closing_ = dirty_ = true;
    for (auto& [id, member] : members_) {
        member.permanent = false;
        evict(id, now, CloseReason::drained);
        member.drain_until = std::min(member.drain_until, saturating_add(now, patience));
    }
}

PoolPlan::Actions PoolPlan::decide_now(TimePoint now, ChanceRef chance) {
    Actions out;
    if (!suspended_ && !closing_) {
        serve(out, now, chance);
        wake_or_disappoint(out);
    }
    disappointed_.clear();
    const bool asked = std::exchange(asked_, false) && waiting_ > 0;
    if (!std::exchange(dirty_, false) && !asked) return out;
    replace_old(out, now);
    reap(out, now);
    if (!closing_) fill(out, now);
    return out;
}

/// The oldest waiter of all whose need can be met, again and again.
void PoolPlan::serve(Actions& out, TimePoint now, ChanceRef chance) {
    std::vector<std::string_view> unlucky;
    while (unlucky.size() < lines_.size()) {
        auto oldest = lines_.end();
        for (auto line = lines_.begin(); line != lines_.end(); ++line) {
            if (oldest != lines_.end() && oldest->second.waiters.front() < line->second.waiters.front()) continue;
            if (std::ranges::find(unlucky, line->first) == unlucky.end()) oldest = line;
        }
        Line& line = oldest->second;
        const auto member = find_for(line.need, now, chance);
        if (!member) {
            unlucky.push_back(oldest->first);
            continue;
        }
        take(*member, line.need, now);
        out.grants.emplace_back(line.waiters.front(), *member);
        line.waiters.pop_front();
        --waiting_;
        if (line.waiters.empty()) lines_.erase(oldest);
    }
}

/// For each asker whose waiters have nothing left to hope for: a failed member is woken for them once; those who were
/// waiting when a member failed are told.
void PoolPlan::wake_or_disappoint(Actions& out) {
    for (auto line = lines_.begin(); line != lines_.end();) {
        const LeaseNeed& need = line->second.need;
        bool hope = false;
        std::optional<MemberId> failed;
        for (const auto& [id, member] : members_) {
            if (!is_for(member, need) || member.state == MemberPhase::draining) continue;
            if (member.state == MemberPhase::failed) {
                failed = id;
            } else {
                hope = true;
            }
        }
        if (hope || !failed) {
            ++line;
        } else if (std::ranges::find(disappointed_, members_.at(*failed).asker) != disappointed_.end()) {
            auto& waiters = line->second.waiters;
            out.hopeless.insert(out.hopeless.end(), waiters.begin(), waiters.end());
            waiting_ -= waiters.size();
            line = lines_.erase(line);
        } else {
            out.wake.push_back(*failed);
            members_.at(*failed).state = MemberPhase::opening;
            ++line;
        }
    }
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

void PoolPlan::close(Actions& out, MemberId id, CloseReason why) {
    out.close.emplace_back(id, why);
    members_.erase(id);
    std::erase_if(sessions_, [id](const auto& each) { return each.second.member == id; });
    if (replacing_ && (replacing_->first == id || replacing_->second == id)) replacing_.reset();
}

/// Opens what is missing: for those who wait, ahead of a crowd, and what is to be kept at hand.
void PoolPlan::fill(Actions& out, TimePoint now) {
    std::map<std::string, int> unserved;
    if (!suspended_) {
        for (const auto& [key, line] : lines_) {
            // Those who wait for their own session's member are not helped by another.
            const auto session = is_session(line.need) ? sessions_.find(session_key(line.need)) : sessions_.end();
            if (session != sessions_.end() && session->second.leases > 0) continue;
            unserved[line.need.asker] += static_cast<int>(line.waiters.size());
        }
    }
    const auto in_group = [](const Member& member, const std::string& asker) {
        return member.state != MemberPhase::draining && (!member.owned || member.asker == asker);
    };
    for (auto& [asker, number] : unserved) {
        for (const auto& [id, member] : members_) {
            const int room = limits_.mode == PoolMode::exclusive ? 1 : limits_.max_in_flight;
            if (member.state == MemberPhase::opening && in_group(member, asker)) number -= room;
        }
        while (number > 0) {
            if (living() >= limits_.max_size) {
                // A place that somebody else does not use now.
                const auto spare = std::ranges::find_if(members_, [&](const auto& each) {
                    const Member& member = each.second;
                    return idle(member) && !member.permanent && member.owned && member.asker != asker;
                });
                if (spare == members_.end()) break;
                close(out, spare->first, CloseReason::idle);
            }
            open(out, asker, now);
            number -= limits_.mode == PoolMode::exclusive ? 1 : limits_.max_in_flight;
        }
    }
    std::map<std::string, bool> all_crowded;
    for (const auto& [id, member] : members_) {
        if (member.state == MemberPhase::draining || member.exclusive || !member.owned) continue;
        const bool full = usable(member) && member.leases > crowded * limits_.max_in_flight;
        const auto [entry, fresh] = all_crowded.emplace(member.asker, full);
        if (!fresh) entry->second = entry->second && full;
    }
    for (const auto& [asker, crowd] : all_crowded) {
        // Somebody's own on its way, or one that is free for anybody.
        const bool coming = std::ranges::any_of(members_, [&](const auto& each) {
            const Member& member = each.second;
            return in_group(member, asker) && (member.state == MemberPhase::opening || !member.owned);
        });
        if (crowd && !coming && limits_.mode != PoolMode::exclusive && living() < limits_.max_size) {
            open(out, asker, now);
        }
    }
    while (living() < limits_.min_size) open(out, std::string(), now);
    while (idle_members() < limits_.min_idle && living() < limits_.max_size) open(out, std::string(), now);
}

void PoolPlan::reap(Actions& out, TimePoint now) {
    std::vector<std::pair<MemberId, CloseReason>> gone;
    int living_now = living() - (replacing_ ? 1 : 0);
    int idle_now = idle_members() - (replacing_ ? 1 : 0);
    for (const auto& [id, member] : members_) {
        if (member.state == MemberPhase::draining) {
            if (member.leases == 0 || now >= member.drain_until) gone.emplace_back(id, member.why);
            continue;
        }
        const bool old = limits_.idle_timeout > Duration::zero() && now - member.used_at >= limits_.idle_timeout;
        if (!old || member.permanent || !idle(member) || member.state == MemberPhase::opening) continue;
        if (replacing_ && (replacing_->first == id || replacing_->second == id)) continue;
        if (living_now <= limits_.min_size || idle_now <= limits_.min_idle) continue;
        --living_now;
        --idle_now;
        gone.emplace_back(id, CloseReason::idle);
    }
    for (const auto& [id, why] : gone) close(out, id, why);
}

/// Make before break, one at a time (P-6).
void PoolPlan::replace_old(Actions& out, TimePoint now) {
    if (replacing_) {
        const auto [old, successor] = *replacing_;
        const auto fresh = members_.find(successor);
        if (fresh->second.state == MemberPhase::ready) {
            evict(old, now, CloseReason::lifetime);
        } else if (fresh->second.state == MemberPhase::failed) {
            members_.at(old).expires = saturating_add(now, limits_.max_lifetime / 10);
            close(out, successor, CloseReason::failed);
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
    for (const auto& [id, member] : members_) {
        if (member.state == MemberPhase::draining) {
            at(member.drain_until);
            continue;
        }
        if (!one_goes && member.expires != never) at(std::max(member.expires, now + Duration(1)));
        if (waiting_ > 0) at(member.ejected_until);
        if (idle(member) && !member.permanent && limits_.idle_timeout > Duration::zero()) {
            at(saturating_add(member.used_at, limits_.idle_timeout));
        }
    }
    return out;
}

PoolPlan::Counts PoolPlan::counts(TimePoint now) const {
    Counts out;
    for (const auto& [id, member] : members_) {
        ++out.total;
        out.leases += member.leases;
        if (member.leases > 0) ++out.active;
        if (now < member.ejected_until) ++out.ejected;
        switch (member.state) {
            case MemberPhase::opening: ++out.opening; break;
            case MemberPhase::failed: ++out.failed; break;
            case MemberPhase::draining: ++out.draining; break;
            case MemberPhase::ready:
            case MemberPhase::suspect:
                if (member.leases == 0) ++out.idle;
                break;
        }
    }
    out.waiting = static_cast<int>(waiting_);
    return out;
}

int PoolPlan::leases(MemberId id) const {
    const auto found = members_.find(id);
    return found == members_.end() ? 0 : found->second.leases;
}

std::vector<PoolPlan::MemberId> PoolPlan::members() const {
    std::vector<MemberId> out;
    for (const auto& [id, member] : members_) out.push_back(id);
    return out;
}

}  // namespace haive::mcp
