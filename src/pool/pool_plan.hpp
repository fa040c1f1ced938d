#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/observe/eviction_reason.hpp"
#include "haive/mcp/pool/pool_options.hpp"
#include "pool/member_pick.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haive::mcp {

/// What an acquire needs.
struct LeaseNeed {
    std::string asker;     ///< members of one are never used by another
    std::string affinity;  ///< with `session` mode: the same key, the same member
    bool exclusive = false;
};

struct PoolLimits {
    PoolMode mode = PoolMode::shared;
    int min_size = 0;
    int max_size = 8;
    int min_idle = 0;
    int max_in_flight = 32;
    int max_waiting = 1024;
    Duration idle_timeout = std::chrono::seconds(600);  ///< zero: never
    Duration max_lifetime{};                            ///< zero: never
    Duration drain_timeout = std::chrono::seconds(30);
    double max_ejected = 0.5;
};

enum class MemberPhase : std::uint8_t {
    opening,  ///< on its way
    healing,  ///< it broke, or its first attempt failed, and it tries again by itself
    ready,
    suspect,   ///< usable, and in doubt
    failed,    ///< rests: nothing comes by itself
    draining,  ///< finishes what it has
};

/// The decisions of a pool: who gets which member, who waits, when one more is opened and when one goes. Pure: events
/// in, with the time and chance; what is to be done out.
///
/// Waiters are served strictly in the order in which they came, each as soon as there is a member that it may use; a
/// slot that becomes free goes straight to the oldest waiter that can use it, and nobody who comes later slips in: who
/// waits for a member that nobody else uses, or for another asker's place, has one kept free of younger ones.
class PoolPlan {
public:
    using MemberId = std::uint64_t;
    using WaiterId = std::uint64_t;

    struct Closing {
        MemberId member = 0;
        EvictionReason why = EvictionReason::idle;
        int cut = 0;  ///< leases that did not end in time
    };
    struct Actions {
        std::vector<std::pair<WaiterId, MemberId>> grants;
        std::vector<std::pair<MemberId, std::string>> open;  ///< new members, and for whom
        std::vector<Closing> close;                          ///< forgotten already
        std::vector<MemberId> wake;                          ///< failed ones that somebody needs
        std::vector<WaiterId> hopeless;                      ///< nothing they could use is coming
        std::vector<WaiterId> no_place;                      ///< all places are another asker's, and stay so
    };
    struct Counts {
        int total = 0;
        int active = 0;  ///< with a lease
        int used = 0;    ///< of these: up, and to stay
        int idle = 0;
        int opening = 0;
        int failed = 0;
        int draining = 0;
        int ejected = 0;
        int waiting = 0;
        int leases = 0;
    };

    explicit PoolPlan(const PoolLimits& limits) : limits_(limits) {}
    /// The era is known now.
    void set_mode(PoolMode mode) noexcept { limits_.mode = mode; }
    [[nodiscard]] const PoolLimits& limits() const noexcept { return limits_; }

    /// A member that is there already and stays: never reaped, replaced or evicted.
    MemberId adopt(TimePoint now);
    /// Later waiters have larger numbers. False: too many wait.
    [[nodiscard]] bool ask(WaiterId waiter, LeaseNeed need);
    /// The waiter gives up. False: it has its lease.
    bool withdraw(WaiterId waiter);
    /// A lease ends; `failed`: in transport.
    void release(MemberId member, const LeaseNeed& need, TimePoint now);
    /// A call on the member ended after `took`.
    void called(MemberId member, Duration took, bool failed, TimePoint now);
    /// `u` supplies chance: uniform in [0, 1).
    void report(MemberId member, MemberPhase state, TimePoint now, double u);
    /// Its health now: what the pick weighs, and what sets it aside (H-9: below 0.70 until it is at 0.80 again).
    void score(MemberId member, double score, TimePoint now);
    /// Its health signal says healthy again (H-9): it comes back before its time.
    void recovered(MemberId member, TimePoint now);
    /// Not to be used by anybody new; closed when its last lease ends.
    bool evict(MemberId member, TimePoint now, EvictionReason why = EvictionReason::evicted);
    /// Acquires wait until it is over.
    void suspend(bool suspended) noexcept {
        suspended_ = suspended;
        dirty_ = true;
    }
    /// Somebody says that the server is well, whatever failed: the next opening waits for nothing.
    void forgive() noexcept {
        failures_ = 0;
        rest_until_ = {};
        dirty_ = true;
    }
    /// All go, those in use when they are given back or after `patience`; nobody gets anything any more.
    void drain_all(TimePoint now, Duration patience);

    /// What is to be done now. `u` supplies chance: uniform in [0, 1), called as often as needed.
    template <class Chance>
    [[nodiscard]] Actions decide(TimePoint now, Chance&& u) {
        return decide_with(now, [&] { return u(); });
    }
    /// Time has passed: the next decision looks at everything. Without it, and without news, it looks at waiters only.
    void tick() noexcept { dirty_ = true; }
    /// When to `tick` and decide again if nothing happens before.
    [[nodiscard]] TimePoint next(TimePoint now) const;

    [[nodiscard]] Counts counts(TimePoint now) const;
    [[nodiscard]] int leases(MemberId member) const;
    /// A call that has this member could have another one at once. A session's memory is nowhere else.
    [[nodiscard]] bool has_other(MemberId member, const LeaseNeed& need) const;
    [[nodiscard]] bool has(MemberId member) const { return members_.contains(member); }
    [[nodiscard]] std::vector<MemberId> members() const;

private:
    struct Member {
        MemberPhase state = MemberPhase::opening;
        std::string asker;
        bool owned = false;  ///< an asker has it
        bool permanent = false;
        bool exclusive = false;  ///< its one lease is
        int leases = 0;
        PeakLatency latency;
        double score = 1;
        TimePoint used_at{};
        TimePoint expires = never;
        TimePoint drain_until = never;
        TimePoint ejected_until{};
        int ejections = 0;
        bool was_ready = false;
        bool unhealthy = false;
        EvictionReason why = EvictionReason::evicted;  ///< while draining
    };
    /// Waiters of one need: what the first of them cannot use, the others cannot either.
    struct Line {
        LeaseNeed need;
        std::deque<WaiterId> waiters;
    };
    using ChanceFunction = double (*)(void*);
    struct ChanceRef {
        void* object;
        ChanceFunction call;
        double operator()() const { return call(object); }
    };
    template <class F>
    Actions decide_with(TimePoint now, F f) {
        return decide_now(now, ChanceRef{&f, [](void* object) { return (*static_cast<F*>(object))(); }});
    }
    using Members = std::map<MemberId, Member>;
    using Kept = std::vector<MemberId>;  ///< until they are unused, for somebody who waits
    /// What one asker's waiters would need.
    struct Wish {
        std::string_view asker;
        WaiterId oldest;
        int shared = 0;
        int alone = 0;  ///< each of these a member of its own
    };
    Actions decide_now(TimePoint now, ChanceRef chance);
    void serve(Actions& out, TimePoint now, ChanceRef chance);
    void keep_for(const LeaseNeed& need, TimePoint now, Kept& kept) const;
    [[nodiscard]] Members::const_iterator home_of(const LeaseNeed& need) const;
    void fill(Actions& out, TimePoint now);
    void fill_for(Actions& out, const Wish& wish, TimePoint now);
    void relieve_crowds(Actions& out, TimePoint now);
    [[nodiscard]] std::vector<Wish> wishes() const;
    [[nodiscard]] bool in_group(const Member& member, std::string_view asker) const noexcept;
    [[nodiscard]] std::optional<MemberId> spare_for(std::string_view asker, const Kept& kept) const;
    [[nodiscard]] bool is_coming_for(std::string_view asker, TimePoint now) const;
    void opening_failed(TimePoint now, double u) noexcept;
    [[nodiscard]] bool rests(TimePoint now) const noexcept;
    [[nodiscard]] static bool comes_up(const Member& member) noexcept {
        return member.state == MemberPhase::opening || member.state == MemberPhase::healing;
    }
    /// More leases than this, and a member is nearly full.
    [[nodiscard]] static double crowd(const PoolLimits& limits) noexcept { return 0.75 * limits.max_in_flight; }
    void reap(Actions& out, TimePoint now);
    void replace_old(Actions& out, TimePoint now);
    MemberId open(Actions& out, const std::string& asker, TimePoint now);
    [[nodiscard]] std::optional<MemberId> find_for(const LeaseNeed& need, TimePoint now, ChanceRef chance,
                                                   const Kept& kept) const;
    [[nodiscard]] bool usable(const Member& member) const noexcept;
    [[nodiscard]] bool has_room(const Member& member, const LeaseNeed& need) const noexcept;
    [[nodiscard]] bool is_for(const Member& member, const LeaseNeed& need) const noexcept;
    [[nodiscard]] bool one_lease_each(const LeaseNeed& need) const noexcept;
    [[nodiscard]] bool is_session(const LeaseNeed& need) const noexcept;
    void remember(MemberId id, const LeaseNeed& need, TimePoint now);
    void close(Actions& out, MemberId id, EvictionReason why);
    void wake_or_disappoint(Actions& out);
    [[nodiscard]] bool idle(const Member& member) const noexcept;
    [[nodiscard]] int idle_members() const noexcept;
    [[nodiscard]] int living() const noexcept;
    void take(MemberId id, const LeaseNeed& need, TimePoint now);

    PoolLimits limits_;
    Members members_;
    std::map<std::string, Line> lines_;
    std::size_t waiting_ = 0;
    struct Session {
        MemberId member;
        int leases = 0;
        TimePoint used_at{};
    };
    std::map<std::string, Session> sessions_;                 ///< by asker and affinity
    std::optional<std::pair<MemberId, MemberId>> replacing_;  ///< an old one, and its successor to be
    std::vector<std::string> disappointed_;                   ///< askers, one of whose members has just failed
    MemberId next_member_ = 1;
    int failures_ = 0;        ///< times in a row that members could not be opened, or were given up
    TimePoint rest_until_{};  ///< nothing is opened before
    bool suspended_ = false;
    bool closing_ = false;
    bool dirty_ = true;     ///< more than waiters is to be looked at
    bool stirred_ = false;  ///< somebody new may have to wait, or a member is unused now
};

}  // namespace haive::mcp
