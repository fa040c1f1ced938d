#include "transport/stdio/shutdown_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
using enum CloseMode;
using Step = ShutdownMachine::Step;

constexpr CloseMode modes[] = {graceful, prompt, kill};

struct Deed {
    Step step;
    Duration at;
    bool operator==(const Deed&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Deed& deed) {
    return out << static_cast<int>(deed.step) << '@' << to_seconds(deed.at);
}

struct Ask {
    CloseMode mode;
    Duration at;
};

TimePoint at(Duration d) { return TimePoint{} + d; }

/// Asks at the given times of a process that never ends by itself; everything done, and when.
std::vector<Deed> shut_down(std::vector<Ask> asks, ShutdownMachine& machine) {
    std::vector<Deed> deeds;
    TimePoint now{};
    std::size_t next_ask = 0;
    for (int turn = 0; turn < 1000; ++turn) {
        while (next_ask < asks.size() && at(asks[next_ask].at) <= now) machine.ask(asks[next_ask++].mode, now);
        const Step step = machine.next(now);
        if (step != Step::wait) deeds.push_back({step, now - TimePoint{}});
        if (step == Step::done) return deeds;
        if (step != Step::wait) continue;
        const TimePoint ask_at = next_ask < asks.size() ? at(asks[next_ask].at) : never;
        const TimePoint wake = std::min(machine.due(), ask_at);
        if (wake == never) break;
        EXPECT_GT(wake, now) << "a wait must have an end in the future";
        now = wake;
    }
    ADD_FAILURE() << "the shutdown did not end";
    return deeds;
}

std::vector<Deed> shut_down(std::vector<Ask> asks, const ShutdownTimes& times = ShutdownTimes()) {
    ShutdownMachine machine(times);
    return shut_down(std::move(asks), machine);
}

using Deeds = std::vector<Deed>;

TEST(ShutdownMachine, does_nothing_unless_asked) {
    ShutdownMachine machine{ShutdownTimes()};
    EXPECT_FALSE(machine.asked());
    EXPECT_EQ(machine.next(at(1h)), Step::wait);
    EXPECT_EQ(machine.due(), never);
    EXPECT_FALSE(machine.asked());
}

TEST(ShutdownMachine, gracefully_it_closes_the_input_then_terminates_then_kills) {
    EXPECT_EQ(shut_down({{graceful, 0s}}),
              (Deeds{{Step::close_input, 0s}, {Step::send_term, 2s}, {Step::send_kill, 5s}, {Step::done, 6s}}));
}

TEST(ShutdownMachine, promptly_it_terminates_at_once) {
    EXPECT_EQ(shut_down({{prompt, 0s}}),
              (Deeds{{Step::close_input, 0s}, {Step::send_term, 0s}, {Step::send_kill, 500ms}, {Step::done, 1500ms}}));
}

TEST(ShutdownMachine, killing_waits_for_nothing_but_the_system) {
    EXPECT_EQ(shut_down({{kill, 0s}}), (Deeds{{Step::close_input, 0s}, {Step::send_kill, 0s}, {Step::done, 1s}}));
}

TEST(ShutdownMachine, prompt_cuts_the_wait_after_the_end_of_input_short) {
    EXPECT_EQ(
        shut_down({{graceful, 0s}, {prompt, 700ms}}),
        (Deeds{{Step::close_input, 0s}, {Step::send_term, 700ms}, {Step::send_kill, 1200ms}, {Step::done, 2200ms}}));
}

TEST(ShutdownMachine, prompt_cuts_the_wait_after_term_short_without_a_second_term) {
    EXPECT_EQ(shut_down({{graceful, 0s}, {prompt, 3s}}),
              (Deeds{{Step::close_input, 0s}, {Step::send_term, 2s}, {Step::send_kill, 3500ms}, {Step::done, 4500ms}}));
}

TEST(ShutdownMachine, a_late_prompt_never_makes_it_slower) {
    EXPECT_EQ(shut_down({{graceful, 0s}, {prompt, 4900ms}}), shut_down({{graceful, 0s}}));
}

TEST(ShutdownMachine, kill_cuts_every_wait_short) {
    EXPECT_EQ(shut_down({{graceful, 0s}, {kill, 1s}}),
              (Deeds{{Step::close_input, 0s}, {Step::send_kill, 1s}, {Step::done, 2s}}));
    EXPECT_EQ(shut_down({{graceful, 0s}, {kill, 3s}}),
              (Deeds{{Step::close_input, 0s}, {Step::send_term, 2s}, {Step::send_kill, 3s}, {Step::done, 4s}}));
    EXPECT_EQ(shut_down({{prompt, 0s}, {kill, 100ms}}),
              (Deeds{{Step::close_input, 0s}, {Step::send_term, 0s}, {Step::send_kill, 100ms}, {Step::done, 1100ms}}));
}

TEST(ShutdownMachine, a_harsher_wish_before_the_first_step_still_closes_the_input_first) {
    for (const CloseMode first : modes) {
        for (const CloseMode second : modes) {
            const CloseMode harsher = std::max(first, second);
            EXPECT_EQ(shut_down({{first, 0s}, {second, 0s}}), shut_down({{harsher, 0s}}))
                << static_cast<int>(first) << " then " << static_cast<int>(second);
        }
    }
}

TEST(ShutdownMachine, a_gentler_wish_never_softens_a_harsher_one) {
    for (const Duration when : {0ms, 100ms, 499ms, 500ms, 900ms}) {
        EXPECT_EQ(shut_down({{kill, 0s}, {prompt, when}, {graceful, when}}), shut_down({{kill, 0s}}));
        EXPECT_EQ(shut_down({{prompt, 0s}, {graceful, when}, {prompt, when}}), shut_down({{prompt, 0s}}));
    }
}

TEST(ShutdownMachine, asking_twice_is_asking_once) {
    for (const CloseMode mode : modes) {
        EXPECT_EQ(shut_down({{mode, 0s}, {mode, 0s}, {mode, 300ms}, {mode, 450ms}}), shut_down({{mode, 0s}}));
    }
}

/// Every order of up to three wishes, at every interesting moment: the steps come in their order, each
/// signal once, and the end within the bound of rule 1.5.
TEST(ShutdownMachine, every_order_of_wishes_ends_within_six_seconds_of_the_first) {
    const Duration moments[] = {0ms, 1ms, 499ms, 500ms, 1s, 1500ms, 2s, 2001ms, 3s, 4999ms, 5s, 5500ms, 6s};
    int histories = 0;
    for (const CloseMode a : modes) {
        for (const CloseMode b : modes) {
            for (const CloseMode c : modes) {
                for (const Duration second : moments) {
                    for (const Duration third : moments) {
                        if (third < second) continue;
                        const Deeds deeds = shut_down({{a, 0s}, {b, second}, {c, third}});
                        ASSERT_FALSE(deeds.empty());
                        ASSERT_EQ(deeds.back().step, Step::done);
                        ASSERT_LE(deeds.back().at, 6s);
                        ASSERT_TRUE(std::ranges::is_sorted(deeds, std::less_equal<>(), &Deed::step));
                        ASSERT_EQ(std::ranges::count(deeds, Step::send_kill, &Deed::step), 1)
                            << "a process that does not end is killed";
                        ++histories;
                    }
                }
            }
        }
    }
    EXPECT_EQ(histories, 27 * 91);
}

TEST(ShutdownMachine, a_harsher_wish_ends_no_later_than_without_it) {
    std::mt19937_64 r(21);
    for (int i = 0; i < 5'000; ++i) {
        std::vector<Ask> asks = {{modes[r() % 3], 0s}};
        const Duration alone = shut_down(asks).back().at;
        for (int n = static_cast<int>(r() % 4); n > 0; --n) {
            asks.push_back({modes[r() % 3], asks.back().at + std::chrono::milliseconds(r() % 2500)});
        }
        ASSERT_LE(shut_down(asks).back().at, alone);
    }
}

TEST(ShutdownMachine, a_process_that_ends_is_done_at_once_at_any_stage) {
    for (const CloseMode mode : modes) {
        for (int steps = 0; steps <= 6; ++steps) {
            ShutdownMachine machine{ShutdownTimes()};
            TimePoint now{};
            machine.ask(mode, now);
            for (int i = 0; i < steps; ++i) {
                if (machine.next(now) == Step::wait) now = machine.due();
            }
            machine.on_exit();
            EXPECT_EQ(machine.next(now), Step::done);
            machine.ask(kill, now);
            EXPECT_EQ(machine.next(now), Step::done) << "nobody is left to be killed";
        }
    }
}

TEST(ShutdownMachine, a_process_that_ended_unasked_is_not_signalled_later) {
    ShutdownMachine machine{ShutdownTimes()};
    machine.on_exit();
    machine.ask(graceful, at(1s));
    EXPECT_EQ(machine.next(at(1s)), Step::done);
    EXPECT_EQ(machine.next(at(1h)), Step::done);
}

TEST(ShutdownMachine, done_stays_done) {
    ShutdownMachine machine{ShutdownTimes()};
    EXPECT_EQ(shut_down({{prompt, 0s}}, machine).back().step, Step::done);
    for (const CloseMode mode : modes) {
        machine.ask(mode, at(1h));
        EXPECT_EQ(machine.next(at(1h)), Step::done);
    }
}

TEST(ShutdownMachine, waking_too_early_changes_nothing) {
    ShutdownMachine machine{ShutdownTimes()};
    machine.ask(graceful, at(0s));
    EXPECT_EQ(machine.next(at(0s)), Step::close_input);
    for (Duration t = 0s; t < 2s; t += 10ms) {
        ASSERT_EQ(machine.next(at(t)), Step::wait);
        ASSERT_EQ(machine.due(), at(2s));
    }
    EXPECT_EQ(machine.next(at(2s)), Step::send_term);
}

TEST(ShutdownMachine, zero_times_end_without_a_wait) {
    const ShutdownTimes none{.after_eof = 0s, .after_term = 0s, .after_prompt = 0s, .after_kill = 0s};
    for (const CloseMode mode : modes) EXPECT_EQ(shut_down({{mode, 0s}}, none).back().at, 0s);
}

TEST(ShutdownMachine, endless_times_do_not_overflow_and_kill_still_works) {
    const ShutdownTimes endless{
        .after_eof = Duration::max(), .after_term = Duration::max(), .after_prompt = 1s, .after_kill = 1s};
    EXPECT_EQ(shut_down({{graceful, 1h}, {kill, 2h}}, endless).back().at, 2h + 1s);
}

}  // namespace
}  // namespace haive::mcp
