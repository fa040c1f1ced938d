#include "manager/connect_schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
using Number = ConnectSchedule::Number;

class Schedule : public ::testing::Test {
protected:
    ConnectSchedule schedule_;
    TimePoint now_{1h};
    Number next_ = 1;

    Number ask(ConnectSchedule::Origin origin, OpenPriority priority = OpenPriority::idle) {
        schedule_.ask(next_, origin, priority, now_);
        return next_++;
    }
    /// Lets time pass, asking for grants whenever the schedule says so.
    std::map<TimePoint, std::vector<Number>> run(Duration d) {
        std::map<TimePoint, std::vector<Number>> out;
        const TimePoint end = now_ + d;
        for (;;) {
            auto granted = schedule_.grants(now_);
            if (!granted.empty()) out[now_] = std::move(granted);
            const TimePoint next = schedule_.next(now_);
            if (next > end) break;
            EXPECT_GT(next, now_) << "it must not spin";
            if (next <= now_) break;
            now_ = next;
        }
        now_ = end;
        return out;
    }
    static std::vector<Number> flat(const std::map<TimePoint, std::vector<Number>>& granted) {
        std::vector<Number> out;
        for (const auto& [when, numbers] : granted) out.insert(out.end(), numbers.begin(), numbers.end());
        return out;
    }
};

TEST_F(Schedule, TenThousandAtOnceGoAtTwoHundredASecond) {
    for (int i = 0; i < 10000; ++i) ask(schedule_.add("", OpenKind::cheap));
    const TimePoint began = now_;
    std::vector<TimePoint> opens;
    while (opens.size() < 10000 && now_ < began + 60s) {
        for (const Number number : schedule_.grants(now_)) {
            opens.push_back(now_);
            schedule_.ended(number, true, now_ + 1ms);
        }
        now_ = std::max(now_ + 1ms, schedule_.next(now_));
    }
    ASSERT_EQ(opens.size(), 10000U);
    EXPECT_LE(opens.back() - began, 60s);
    EXPECT_EQ(std::ranges::count(opens, began), 100) << "the burst";
    for (std::size_t i = 100; i + 210 < opens.size(); ++i) {
        ASSERT_GT(opens[i + 210] - opens[i], 1s) << "more than 210 within a second after the burst, from " << i;
    }
}

TEST_F(Schedule, RequiredGoFirstThenThoseThatACallWaitsFor) {
    ConnectScheduleOptions options;
    options.burst = 1;
    schedule_ = ConnectSchedule(options);
    const auto origin = [&] { return schedule_.add("", OpenKind::cheap); };
    ask(origin());
    const Number idle = ask(origin());
    const Number waited = ask(origin(), OpenPriority::waited_for);
    const Number required = ask(origin(), OpenPriority::required);
    const auto order = flat(run(1s));
    EXPECT_EQ(order, (std::vector<Number>{required, waited, 1, idle}));
}

TEST_F(Schedule, SoManyProcessesAtOnceAndASilentOneDoesNotKeepItsPlace) {
    for (int i = 0; i < 8; ++i) ask(schedule_.add("", OpenKind::process));
    EXPECT_EQ(flat(run(2900ms)).size(), 4U) << "nobody has ended";
    EXPECT_EQ(flat(run(200ms)).size(), 4U) << "held for three seconds only";
}

/// A model of processes that start: each takes as long, but for the silent ones.
struct Starts {
    ConnectSchedule& schedule;
    TimePoint now{1h};
    Duration takes = 20ms;
    std::vector<Number> silent = {};
    std::multimap<TimePoint, Number> running = {};
    std::size_t most_at_once = 0;

    void ask(int count) {
        for (int i = 1; i <= count; ++i) {
            schedule.ask(static_cast<Number>(i), schedule.add("", OpenKind::process), OpenPriority::starting, now);
        }
    }
    /// Until so many have started.
    Duration run(std::size_t wanted) {
        const TimePoint began = now;
        std::size_t up = 0;
        while (up < wanted && now < began + 10min) {
            for (const Number number : schedule.grants(now)) {
                const bool mute = std::ranges::find(silent, number) != silent.end();
                running.emplace(mute ? never : now + takes, number);
            }
            most_at_once = std::max(most_at_once, running.size());
            const TimePoint end = running.empty() ? never : running.begin()->first;
            const TimePoint next = schedule.next(now);
            now = std::min(end, next);
            for (; !running.empty() && running.begin()->first <= now; running.erase(running.begin())) {
                schedule.ended(running.begin()->second, true, now);
                ++up;
            }
        }
        return now - began;
    }
};

TEST_F(Schedule, ASilentProcessAmongAHundredCostsTheOthersUnderFivePercent) {
    Starts without{schedule_};
    without.ask(96);
    ConnectSchedule other;
    Starts with{other};
    with.silent = {1, 30};
    with.ask(98);
    const double alone = to_seconds(without.run(96));
    EXPECT_NEAR(alone, 96 / 4 * 0.020, 1e-6);
    EXPECT_LE(to_seconds(with.run(96)), alone * 1.05 + 0.020) << "and one start's time, where the last row is not full";
}

TEST_F(Schedule, WhereManyAreLateTheyKeepTheirPlaces) {
    Starts starts{schedule_};
    starts.ask(4);
    starts.run(4);  // quick ones, so that the rest is late soon
    for (Number i = 5; i <= 60; ++i) starts.silent.push_back(i);
    for (Number i = 5; i <= 60; ++i) {
        schedule_.ask(i, schedule_.add("", OpenKind::process), OpenPriority::starting, starts.now);
    }
    const TimePoint began = starts.now;
    std::size_t granted = 0;
    std::vector<std::size_t> after;
    for (TimePoint t = began; t <= began + 2s; t += 10ms) {
        granted += schedule_.grants(t).size();
        after.push_back(granted);
    }
    EXPECT_EQ(after.back(), 8U) << "the four places, and four more for four that were late";
}

TEST_F(Schedule, IsBusyWithThoseWhoWaitAndThoseWhoOpenButNotWithWhoIsLate) {
    EXPECT_FALSE(schedule_.busy(now_));
    Starts starts{schedule_};
    starts.silent = {2};
    starts.ask(2);
    EXPECT_TRUE(schedule_.busy(starts.now)) << "they wait";
    starts.run(1);
    EXPECT_TRUE(schedule_.busy(starts.now)) << "it has taken no longer than the other";
    EXPECT_FALSE(schedule_.busy(starts.now + 100ms));
}

TEST_F(Schedule, IsNotBusyWithACrashLoopThatWaitsForItsTurn) {
    ConnectScheduleOptions options;
    options.burst = 0;
    schedule_ = ConnectSchedule(options);
    const Number looper = ask(schedule_.add("", OpenKind::process), OpenPriority::idle);
    EXPECT_FALSE(schedule_.busy(now_));
    const Number first = ask(schedule_.add("", OpenKind::process), OpenPriority::starting);
    EXPECT_TRUE(schedule_.busy(now_));
    schedule_.withdraw(first);
    schedule_.withdraw(looper);
    schedule_ = ConnectSchedule();
    (void)ask(schedule_.add("", OpenKind::process), OpenPriority::idle);
    for (const Number number : schedule_.grants(now_)) schedule_.ended(number, true, now_);
    const Number starts = ask(schedule_.add("", OpenKind::process), OpenPriority::starting);
    EXPECT_TRUE(schedule_.busy(now_)) << "who was let in again is not counted among those who wait any more";
    schedule_.withdraw(starts);
    EXPECT_FALSE(schedule_.busy(now_));
}

TEST_F(Schedule, SlowStartersOfAKindAreNotLate) {
    Starts starts{schedule_};
    starts.takes = 1500ms;
    starts.ask(40);
    starts.run(40);
    EXPECT_EQ(starts.most_at_once, 4U);
}

TEST_F(Schedule, CrashedProcessesComeBackSlowlyAndFirstStartsDoNotWaitForThem) {
    for (int i = 0; i < 100; ++i) ask(schedule_.add("", OpenKind::process));
    std::vector<Number> first;
    for (int i = 0; i < 100; ++i) first.push_back(ask(schedule_.add("", OpenKind::process), OpenPriority::starting));
    std::size_t again = 0;
    std::size_t started = 0;
    const TimePoint began = now_;
    while (now_ < began + 2s) {
        for (const Number number : schedule_.grants(now_)) {
            (number > 100 ? started : again)++;
            schedule_.ended(number, true, now_);
        }
        now_ += 1ms;
    }
    EXPECT_EQ(started, 100U);
    EXPECT_LE(again, 4U + 20U);
    EXPECT_GE(again, 10U);
}

TEST_F(Schedule, FourAtOnceToOneOrigin) {
    std::vector<Number> asked;
    for (int i = 0; i < 6; ++i) asked.push_back(ask(schedule_.add("https://a", OpenKind::network)));
    EXPECT_EQ(flat(run(10s)).size(), 4U);
    schedule_.ended(asked[0], true, now_);
    EXPECT_EQ(flat(run(0s)).size(), 1U);
}

TEST_F(Schedule, AFailingOriginIsProbedByOneWithGrowingRests) {
    std::vector<ConnectSchedule::Origin> members;
    for (int i = 0; i < 50; ++i) members.push_back(schedule_.add("https://a", OpenKind::network));
    for (const auto member : members) ask(member);
    auto going = flat(run(0s));
    ASSERT_EQ(going.size(), 4U);
    for (const Number number : going) schedule_.ended(number, false, now_);
    // From now on one at a time; each fails.
    int probes = 0;
    const TimePoint began = now_;
    while (now_ < began + 300s) {
        auto granted = schedule_.grants(now_);
        ASSERT_LE(granted.size(), 1U);
        for (const Number number : granted) {
            ++probes;
            schedule_.ended(number, false, now_);
            schedule_.ask(next_++, members[0], OpenPriority::idle, now_);
        }
        now_ = std::min(began + 300s, std::max(now_ + 1ms, schedule_.next(now_)));
    }
    EXPECT_LE(probes, 14) << "4, 8, 16 and then every 30 seconds";
    EXPECT_GE(probes, 9);

    // It comes back: the one that found out, then the rest at fifty a second.
    now_ += 30s;
    going = schedule_.grants(now_);
    ASSERT_EQ(going.size(), 1U);
    schedule_.ended(going[0], true, now_);
    std::size_t released = 0;
    for (const TimePoint end = now_ + 500ms; now_ < end; now_ += 1ms) {
        for (const Number number : schedule_.grants(now_)) {
            ++released;
            schedule_.ended(number, true, now_);
        }
    }
    EXPECT_GE(released, 24U);
    EXPECT_LE(released, 26U);
}

TEST_F(Schedule, ACallDoesNotWaitForARestingOrigin) {
    const auto a = schedule_.add("https://a", OpenKind::network);
    schedule_.add("https://a", OpenKind::network);
    const Number failed = ask(a);
    run(0s);
    schedule_.ended(failed, false, now_);
    ask(a);
    EXPECT_TRUE(flat(run(0s)).empty());
    const Number called = ask(a, OpenPriority::waited_for);
    EXPECT_EQ(flat(run(0s)), std::vector<Number>{called});
}

TEST_F(Schedule, OneDeadOriginHoldsUpNoOther) {
    const auto dead = schedule_.add("https://dead", OpenKind::network);
    for (int i = 0; i < 20; ++i) ask(dead);
    const auto held = flat(run(0s));
    ASSERT_EQ(held.size(), 4U);
    std::vector<Number> others;
    for (int i = 0; i < 40; ++i) {
        others.push_back(ask(schedule_.add("https://h" + std::to_string(i), OpenKind::network)));
    }
    EXPECT_EQ(flat(run(0s)), others);
}

TEST_F(Schedule, WhoLeavesGivesItsPlaceBack) {
    const auto origin = schedule_.add("https://a", OpenKind::network);
    std::vector<Number> asked;
    for (int i = 0; i < 5; ++i) asked.push_back(ask(origin));
    run(0s);
    EXPECT_EQ(schedule_.waiting(), 1U);
    schedule_.withdraw(asked[0]);  // going: disconnected while it opened
    EXPECT_EQ(flat(run(0s)), std::vector<Number>{asked[4]});
    const Number sixth = ask(origin);
    schedule_.withdraw(sixth);  // waiting
    schedule_.withdraw(asked[1]);
    EXPECT_TRUE(flat(run(1s)).empty());
    EXPECT_EQ(schedule_.waiting(), 0U);
}

TEST_F(Schedule, ManyLossesAtOnceAreAStormToldOnce) {
    for (int i = 0; i < 40; ++i) schedule_.add("", OpenKind::cheap);
    int storms = 0;
    for (int i = 0; i < 40; ++i) storms += schedule_.lost(now_) ? 1 : 0;
    EXPECT_EQ(storms, 1);
    EXPECT_TRUE(schedule_.storming(now_));
    now_ += 5min;
    for (int i = 0; i < 9; ++i, now_ += 1s) EXPECT_FALSE(schedule_.lost(now_));
    EXPECT_FALSE(schedule_.storming(now_));
}

}  // namespace
}  // namespace haive::mcp
