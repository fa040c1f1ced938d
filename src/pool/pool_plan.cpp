#include "pool/pool_plan.hpp"

#include "connection/health_score.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration first_ejection = 30s;
constexpr Duration longest_ejection = 300s;
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
    stirred_ = true;
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

/// Those that somebody could have at once, or soon: a broken one is no spare.
int PoolPlan::idle_members() const noexcept {
    return static_cast<int>(std::ranges::count_if(members_, [this](const auto& each) {
        const Member& member = each.second;
        return idle(member) && (usable(member) || member.state == MemberPhase::opening);
    }));
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

/// The member on which this session's memory is, where there is nothing but to wait for it: only when nobody uses it
/// may it begin anew elsewhere.
PoolPlan::Members::const_iterator PoolPlan::home_of(const LeaseNeed& need) const {
    if (!is_session(need)) return members_.end();
    const auto session = sessions_.find(session_key(need));
    if (session == sessions_.end()) return members_.end();
    const auto member = members_.find(session->second.member);
    if (member == members_.end() || usable(member->second) || session->second.leases > 0) return member;
    return members_.end();
}

std::optional<PoolPlan::MemberId> PoolPlan::find_for(const LeaseNeed& need, TimePoint now, ChanceRef chance,
                                                     const Kept& kept) const {
    const auto is_kept = [&](MemberId id) { return std::ranges::find(kept, id) != kept.end(); };
    if (const auto home = home_of(need); home != members_.end()) {
        const bool free = usable(home->second) && has_room(home->second, need) && !is_kept(home->first);
        return free ? std::optional(home->first) : std::nullopt;
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
        if (!has_room(member, need) || is_kept(id)) continue;
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
    if (limits_.min_idle > 0 || member.leases > crowd(limits_)) dirty_ = true;
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
    if (member.state == MemberPhase::draining || member.state == MemberPhase::failed) dirty_ = true;
    if (member.leases == 0) stirred_ = true;  // its place may be another asker's now
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
    // While openings fail, a new one has one attempt: it is the pool that tries again, more and more slowly (P-12).
    const bool on_trial = failures_ > 0 && !member.was_ready && !member.permanent;
    if (state == MemberPhase::healing && on_trial) state = MemberPhase::failed;
    if (member.state == MemberPhase::draining || member.state == state) return;
    if (state == MemberPhase::ready) {
        failures_ = 0;
        rest_until_ = {};
    }
    if (!usable(member)) {
        // Another process or session, which is not to blame for what the last one did.
        member.unhealthy = false;
        member.ejected_until = std::min(member.ejected_until, now);
    }
    if (state == MemberPhase::ready && !std::exchange(member.was_ready, true)) {
        member.used_at = now;
        if (limits_.max_lifetime > Duration::zero() && !member.permanent) {
            const double share = 1 - lifetime_jitter * u;
            member.expires = saturating_add(now, to_duration(Seconds(share * to_seconds(limits_.max_lifetime))));
        }
    }
    if (state == MemberPhase::failed) {
        disappointed_.push_back(member.asker);
        if (!member.permanent) opening_failed(now, u);
    }
    member.state = state;
    dirty_ = true;
}

/// Set aside while others can do its work (P-5). When its time is over it is tried again; one that is not well by then
/// goes back for longer.
void PoolPlan::score(MemberId id, double score, TimePoint now) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    Member& member = found->second;
    member.score = score;
    if (score < HealthSignal::leave_below) member.unhealthy = true;
    if (score >= HealthSignal::return_at) {
        member.unhealthy = false;
        if (now >= member.ejected_until + longest_ejection) member.ejections = 0;
    }
    if (!member.unhealthy || now < member.ejected_until || !usable(member)) return;
    const auto aside =
        std::ranges::count_if(members_, [now](const auto& each) { return now < each.second.ejected_until; });
    if (static_cast<double>(aside + 1) > limits_.max_ejected * static_cast<double>(members_.size())) return;
    member.ejected_until = now + std::min<Duration>(longest_ejection, first_ejection * ++member.ejections);
}

void PoolPlan::recovered(MemberId id, TimePoint now) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    found->second.unhealthy = false;
    found->second.ejected_until = std::min(found->second.ejected_until, now);
}

bool PoolPlan::evict(MemberId id, TimePoint now, EvictionReason why) {
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
        evict(id, now, EvictionReason::drained);
        member.drain_until = std::min(member.drain_until, saturating_add(now, patience));
    }
}

PoolPlan::Actions PoolPlan::decide_now(TimePoint now, ChanceRef chance) {
    Actions out;
    const bool lends = !suspended_ && !closing_;
    if (lends) {
        serve(out, now, chance);
        wake_or_disappoint(out);
    }
    disappointed_.clear();
    const bool stirred = std::exchange(stirred_, false) && waiting_ > 0;
    if (!std::exchange(dirty_, false) && !stirred) return out;
    replace_old(out, now);
    reap(out, now);
    if (!closing_) fill(out, now);
    // What was kept for somebody may not be needed for him any more.
    const bool changed = !out.open.empty() || !out.close.empty();
    if (lends && changed && waiting_ > 0) serve(out, now, chance);
    return out;
}

/// The oldest waiter of all whose need can be met, again and again.
void PoolPlan::serve(Actions& out, TimePoint now, ChanceRef chance) {
    std::vector<std::string_view> unlucky;
    Kept kept;
    while (unlucky.size() < lines_.size()) {
        auto oldest = lines_.end();
        for (auto line = lines_.begin(); line != lines_.end(); ++line) {
            if (oldest != lines_.end() && oldest->second.waiters.front() < line->second.waiters.front()) continue;
            if (std::ranges::find(unlucky, line->first) == unlucky.end()) oldest = line;
        }
        Line& line = oldest->second;
        const auto member = find_for(line.need, now, chance, kept);
        if (!member) {
            unlucky.push_back(oldest->first);
            keep_for(line.need, now, kept);
            continue;
        }
        take(*member, line.need, now);
        out.grants.emplace_back(line.waiters.front(), *member);
        line.waiters.pop_front();
        --waiting_;
        if (line.waiters.empty()) lines_.erase(oldest);
    }
}

/// What those who came later must leave alone, because somebody older waits until it is unused: his session's member;
/// where nothing is on its way for him, a place that is to become his, or all that he might have to himself, whichever
/// is unused first; or else, when he has none and all places are taken, the one of another asker with the fewest
/// leases.
void PoolPlan::keep_for(const LeaseNeed& need, TimePoint now, Kept& kept) const {
    if (const auto home = home_of(need); home != members_.end()) {
        if (one_lease_each(need)) kept.push_back(home->first);
        return;
    }
    if (is_coming_for(need.asker, now)) return;
    if (const auto spare = spare_for(need.asker, kept)) return kept.push_back(*spare);
    bool has_own = false;
    auto least = members_.end();
    for (auto at = members_.begin(); at != members_.end(); ++at) {
        const auto& [id, member] = *at;
        if (member.state == MemberPhase::draining) continue;
        if (is_for(member, need)) {
            has_own = true;
            if (need.exclusive) kept.push_back(id);
        } else if (!member.permanent && !member.exclusive && std::ranges::find(kept, id) == kept.end()) {
            if (least == members_.end() || member.leases < least->second.leases) least = at;
        }
    }
    const bool full = living() >= limits_.max_size;
    if (!has_own && full && least != members_.end()) kept.push_back(least->first);
}

/// For each asker whose waiters have nothing left to hope for: a failed member is woken for them once; those who were
/// waiting when a member failed are told. So are those for whom there can be no place: what another brought in stays.
void PoolPlan::wake_or_disappoint(Actions& out) {
    for (auto line = lines_.begin(); line != lines_.end();) {
        const LeaseNeed& need = line->second.need;
        bool hope = false;
        int taken = 0;
        std::optional<MemberId> failed;
        for (const auto& [id, member] : members_) {
            if (member.permanent && !is_for(member, need)) ++taken;
            if (!is_for(member, need) || member.state == MemberPhase::draining) continue;
            if (member.state == MemberPhase::failed) {
                failed = id;
            } else {
                hope = true;
            }
        }
        const auto tell = [&](std::vector<WaiterId>& them) {
            const auto& waiters = line->second.waiters;
            them.insert(them.end(), waiters.begin(), waiters.end());
            waiting_ -= waiters.size();
            line = lines_.erase(line);
        };
        if (taken >= limits_.max_size) {
            tell(out.no_place);
        } else if (hope || !failed) {
            ++line;
        } else if (std::ranges::find(disappointed_, members_.at(*failed).asker) != disappointed_.end()) {
            tell(out.hopeless);
        } else {
            out.wake.push_back(*failed);
            members_.at(*failed).state = MemberPhase::opening;
            ++line;
        }
    }
}

PoolPlan::Counts PoolPlan::counts(TimePoint now) const {
    Counts out;
    for (const auto& [id, member] : members_) {
        ++out.total;
        out.leases += member.leases;
        if (member.leases > 0) ++out.active;
        if (now < member.ejected_until) ++out.ejected;
        switch (member.state) {
            case MemberPhase::opening:
            case MemberPhase::healing: ++out.opening; break;
            case MemberPhase::failed: ++out.failed; break;
            case MemberPhase::draining: ++out.draining; break;
            case MemberPhase::ready:
            case MemberPhase::suspect: ++(member.leases == 0 ? out.idle : out.used); break;
        }
    }
    out.waiting = static_cast<int>(waiting_);
    return out;
}

int PoolPlan::leases(MemberId id) const {
    const auto found = members_.find(id);
    return found == members_.end() ? 0 : found->second.leases;
}

bool PoolPlan::has_other(MemberId id, const LeaseNeed& need) const {
    if (is_session(need) || suspended_ || closing_) return false;
    return std::ranges::any_of(members_, [&](const auto& each) {
        const Member& member = each.second;
        return each.first != id && member.state == MemberPhase::ready && is_for(member, need) && has_room(member, need);
    });
}

std::vector<PoolPlan::MemberId> PoolPlan::members() const {
    std::vector<MemberId> out;
    for (const auto& [id, member] : members_) out.push_back(id);
    return out;
}

}  // namespace haive::mcp
