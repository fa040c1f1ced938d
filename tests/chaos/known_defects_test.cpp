// Defects of src/ that the simulation found: one test each, red until it is mended. The seed is where it was
// first seen; the scenario is what is left of it. Mended, its habit becomes everybody's (habits.hpp).
#include "chaos/simulation.hpp"
#include "support/step_stream.hpp"

#include <gtest/gtest.h>

namespace haive::mcp::chaos {
namespace {

using namespace std::chrono_literals;
using testing::World;

/// A health check that a loss ends wakes its caller before the loss was announced (Monitor::on_gone in
/// ConnectionCore::carry_out): what the caller does then comes first, and the loss after it.
TEST(KnownDefects, a_health_check_ends_before_the_loss_that_ends_it_is_told) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.wire->reads = false;
    w.events->take();
    std::string status_in_callback;
    Async<void> closed = c.stop_monitoring();  // any
    c.health_check().then([&](Result<json::object>) {
        status_in_callback = to_string(c.status());
        closed = c.disconnect();
    });
    w.settle();
    w.wire->die();
    EXPECT_NE(status_in_callback, "connected") << "it is lost already";
    w.result(std::move(closed));
    ASSERT_FALSE(w.events->statuses.empty());
    std::string_view status = "disconnected";
    for (const auto& event : w.events->statuses) {
        EXPECT_EQ(event.from, status) << "each event goes on where the last one ended (SM-9)";
        status = event.to;
    }
    w.settle();
    EXPECT_EQ(w.rt.loop->timers(), 0U) << "disconnect() has ended: no timer (SM-6)";
}

/// `connect(timeout)` that joins an attempt leaves its timeout behind for the next attempt
/// (ConnectionCore::connect_timeout_), which has no time then.
TEST(KnownDefects, a_joined_connects_timeout_cuts_a_later_attempt_short) {
    World w;
    w.wire->open_takes = 1s;
    ConnectionOptions o;
    o.max_reconnect_attempts = 1;
    auto c = w.connection(o);
    auto first = c.connect();
    auto impatient = c.connect(10ms);  // T2: its own timeout only detaches the caller
    w.result(std::move(impatient));
    w.run(std::move(first));
    w.wire->die();
    w.advance(5s);
    EXPECT_TRUE(c.is_connected()) << "the attempt had 10 ms instead of connection_timeout: "
                                  << c.get_info().last_error.value_or("");
}

/// The same after a connect(timeout) that disconnect() called off.
TEST(KnownDefects, a_called_off_connects_timeout_cuts_a_later_attempt_short) {
    World w;
    w.wire->close_takes = 2s;
    auto c = w.connection();
    w.run(c.connect());
    auto closing = c.disconnect();
    auto called_off = c.connect(0s);
    auto again = c.disconnect();
    w.result(std::move(closing));
    w.wire->open_takes = 1s;
    EXPECT_NE(w.run(c.reconnect()), nullptr) << "it had no time at all: " << c.get_info().last_error.value_or("");
}

TEST(KnownDefects, seeds_of_programs_that_act_when_a_health_check_ends) {
    Habits habits;
    habits.acts_when_a_health_check_ends = true;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        const Report report = run_seed(seed, false, habits);
        ASSERT_TRUE(report.broken.empty()) << report.broken.front();
    }
}

TEST(KnownDefects, seeds_of_programs_that_connect_meanwhile_with_a_timeout) {
    Habits habits;
    habits.connects_meanwhile_with_a_timeout = true;
    for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
        const Report report = run_seed(seed, false, habits);
        ASSERT_TRUE(report.broken.empty()) << report.broken.front();
    }
}

}  // namespace
}  // namespace haive::mcp::chaos
