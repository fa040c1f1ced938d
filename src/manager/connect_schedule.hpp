#pragma once

#include "connection/open_gate.hpp"
#include "haive/mcp/base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace haive::mcp {

/// What an attempt to open costs the host.
enum class OpenKind : std::uint8_t { process, network, cheap };

struct ConnectScheduleOptions {
    double opens_per_second = 200;
    double burst = 100;
    int processes_at_once = 4;         ///< twice the cores, usually
    double processes_per_second = 10;  ///< started again while nobody waits, once that many were in one go
    int network_at_once = 64;
    /// A place among those "at once" is held so long at most: a server that keeps silent costs the host nothing.
    Duration longest_hold = std::chrono::seconds(3);
    /// A process's place for less than that: so many times as long as others have taken, when it is not among more than
    /// `processes_at_once` that are so late.
    int late_factor = 2;
    Duration least_hold = std::chrono::milliseconds(10);
    int per_origin = 4;
    double releases_per_second = 50;  ///< of an origin that has just come back
    Duration first_origin_rest = std::chrono::milliseconds(500);
    Duration longest_origin_rest = std::chrono::seconds(30);
    int storm_least = 10;      ///< so many connections and
    double storm_share = 0.2;  ///< such a share of all, lost within `storm_window`
    Duration storm_window = std::chrono::seconds(5);
};

/// A bucket that fills with time.
class TokenBucket {
public:
    TokenBucket(double per_second, double burst) noexcept : per_second_(per_second), burst_(burst), tokens_(burst) {}
    [[nodiscard]] bool has(TimePoint now) noexcept;
    void take(TimePoint now) noexcept;
    /// When there is one again.
    [[nodiscard]] TimePoint next(TimePoint now) noexcept;

private:
    void fill(TimePoint now) noexcept;
    double per_second_;
    double burst_;
    double tokens_;
    TimePoint filled_{};
};

/// Who of many connections may open now (M-3, M-4): at a bounded rate for all together, bounded numbers at once for
/// processes, for the network and for each origin, and one alone at an origin that has just failed, on whose end the
/// others wait. The required ones first, then those that a call waits for.
///
/// Pure: requests and ends in, grants out. `origin` is what `add` returned; a connection that leaves gives it back.
class ConnectSchedule {
public:
    using Number = std::uint64_t;
    using Origin = std::size_t;

    explicit ConnectSchedule(const ConnectScheduleOptions& options = ConnectScheduleOptions());

    /// A connection to this origin exists now. Empty: an origin of its own.
    Origin add(std::string_view origin, OpenKind kind);
    void remove(Origin origin);

    void ask(Number number, Origin origin, OpenPriority priority, TimePoint now);
    /// The request of this number is void, or the leave it had is given back unused.
    void withdraw(Number number);
    /// An attempt that asked nobody.
    void enter(Number number, Origin origin, TimePoint now);
    /// The attempt with this leave ended; `reached` when the origin answered, be it with a refusal.
    void ended(Number number, bool reached, TimePoint now);
    /// A connection broke. True: this one made it a storm.
    bool lost(TimePoint now);

    /// Those who may open now.
    [[nodiscard]] std::vector<Number> grants(TimePoint now);
    /// When `grants` should be asked again if nothing happens before; `never` when nobody waits for time.
    [[nodiscard]] TimePoint next(TimePoint now);

    /// Somebody waits and is waited for, or is opening and not late.
    [[nodiscard]] bool busy(TimePoint now);
    [[nodiscard]] std::size_t waiting() const noexcept { return queued_.size(); }
    [[nodiscard]] std::size_t opening() const noexcept { return leaves_.size(); }
    [[nodiscard]] bool storming(TimePoint now) const noexcept { return now < storm_until_; }

private:
    static constexpr std::size_t priorities = 4;
    static constexpr std::size_t kinds = 3;
    struct OriginState {
        std::string name;
        OpenKind kind = OpenKind::cheap;
        int members = 0;
        int opening = 0;
        int failures = 0;  ///< in a row; above zero: one at a time, and with rests
        TimePoint rest_until{};
        double release_tokens = 0;
        TimePoint released_at{};
        bool releasing = false;
        std::array<std::list<Number>, priorities> queues;
        std::array<bool, priorities> listed{};
    };
    struct Place {
        Origin origin;
        std::size_t priority;
        std::list<Number>::iterator at;
    };
    struct Leave {
        Origin origin;
        TimePoint began;
        bool held = true;  ///< counted among those of its kind
    };
    enum class May : std::uint8_t { now, later, after_an_end };

    void list(Origin origin, std::size_t priority);
    void list_all(Origin origin);
    [[nodiscard]] May may_open(OriginState& origin, std::size_t priority, TimePoint now, TimePoint& when);
    [[nodiscard]] bool kind_is_full(std::size_t kind) const noexcept;
    void begin(Number number, Origin origin, TimePoint now);
    void end(Number number);
    void release_holds(TimePoint now);
    /// How long one may keep its place now.
    [[nodiscard]] Duration hold(std::size_t kind) const noexcept;

    ConnectScheduleOptions options_;
    TokenBucket rate_;
    TokenBucket process_rate_;
    std::vector<OriginState> origins_;
    std::vector<Origin> free_;
    std::map<std::string, Origin, std::less<>> by_name_;
    std::array<std::array<std::deque<Origin>, kinds>, priorities> ready_;
    std::multimap<TimePoint, std::pair<Origin, std::size_t>> resting_;
    std::unordered_map<Number, Place> queued_;
    std::size_t queued_again_ = 0;  ///< of those, whom nobody waits for
    std::unordered_map<Number, Leave> leaves_;
    std::array<std::deque<Number>, kinds> holds_;  ///< in the order of their beginning; some have ended
    std::array<int, kinds> opening_{};
    int late_ = 0;            ///< processes that are being opened without a place
    Duration usual_start_{};  ///< of processes: the longest of the last few that came up; zero before the first
    int members_ = 0;
    std::deque<TimePoint> losses_;
    TimePoint storm_until_{};
};

}  // namespace haive::mcp
