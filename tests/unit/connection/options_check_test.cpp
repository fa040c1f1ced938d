#include "connection/options_check.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Change = std::function<void(ConnectionOptions&)>;

/// The text of the refusal, empty if the options pass.
std::string refusal(const Change& change) {
    ConnectionOptions options;
    change(options);
    try {
        (void)checked(std::move(options));
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return {};
}

void expect_refused(const char* field, const Change& change) {
    const std::string text = refusal(change);
    EXPECT_NE(text.find(field), std::string::npos) << "should name " << field << ", says: '" << text << "'";
}

void expect_fine(const Change& change) { EXPECT_EQ(refusal(change), ""); }

struct Field {
    const char* name;
    std::function<void(ConnectionOptions&, double)> set;
};

std::vector<Field> times() {
    return {
        {"reconnect_delay", [](auto& o, double s) { o.reconnect_delay = Seconds(s); }},
        {"max_reconnect_delay", [](auto& o, double s) { o.max_reconnect_delay = Seconds(s); }},
        {"health_check_interval", [](auto& o, double s) { o.health_check_interval = Seconds(s); }},
        {"connection_timeout", [](auto& o, double s) { o.connection_timeout = Seconds(s); }},
        {"ping_timeout", [](auto& o, double s) { o.ping_timeout = Seconds(s); }},
        {"retry_after_cap", [](auto& o, double s) { o.retry_after_cap = Seconds(s); }},
        {"request_timeout", [](auto& o, double s) { o.request_timeout = Seconds(s); }},
        {"stable_uptime", [](auto& o, double s) { o.stable_uptime = Seconds(s); }},
        {"revive_after", [](auto& o, double s) { o.revive_after = Seconds(s); }},
    };
}

TEST(OptionsCheck, the_documented_defaults_pass_and_are_what_the_document_says) {
    const ConnectionOptions o = checked(ConnectionOptions());
    EXPECT_TRUE(o.auto_reconnect);
    EXPECT_EQ(o.max_reconnect_attempts, 5);
    EXPECT_EQ(o.reconnect_delay, 1s);
    EXPECT_EQ(o.max_reconnect_delay, 60s);
    EXPECT_EQ(o.health_check_interval, 30s);
    EXPECT_EQ(o.connection_timeout, 30s);
    EXPECT_FALSE(o.jitter.has_value());
    EXPECT_EQ(o.backoff_multiplier, 2.0);
    EXPECT_EQ(o.retry_after_cap, 300s);
    EXPECT_EQ(o.dead_after, 3);
    EXPECT_FALSE(o.stable_uptime.has_value());
    EXPECT_FALSE(o.revive_after.has_value());
}

TEST(OptionsCheck, what_passes_is_passed_on_unchanged) {
    ConnectionOptions o;
    o.max_reconnect_attempts = 9;
    o.reconnect_delay = 250ms;
    o.revive_after = 300s;
    const ConnectionOptions out = checked(o);
    EXPECT_EQ(out.max_reconnect_attempts, 9);
    EXPECT_EQ(out.reconnect_delay, 250ms);
    EXPECT_EQ(out.revive_after, Seconds(300));
}

TEST(OptionsCheck, every_time_must_be_a_finite_number_that_is_not_negative) {
    for (const Field& field : times()) {
        for (const double bad : {-1.0, -1e-9, -infinite, infinite, nan}) {
            SCOPED_TRACE(std::string(field.name) + " = " + std::to_string(bad));
            expect_refused(field.name, [&](auto& o) { field.set(o, bad); });
        }
    }
}

TEST(OptionsCheck, the_first_delay_must_not_be_longer_than_the_longest) {
    expect_refused("reconnect_delay", [](auto& o) { o.reconnect_delay = 61s; });
    expect_refused("max_reconnect_delay", [](auto& o) { o.max_reconnect_delay = 999ms; });
    expect_fine([](auto& o) { o.reconnect_delay = o.max_reconnect_delay; });
}

TEST(OptionsCheck, no_delay_at_all_is_allowed) {
    expect_fine([](auto& o) { o.reconnect_delay = 0s; });
    expect_fine([](auto& o) { o.reconnect_delay = o.max_reconnect_delay = 0s; });
}

TEST(OptionsCheck, times_that_would_make_work_impossible_must_be_above_zero) {
    expect_refused("health_check_interval", [](auto& o) { o.health_check_interval = 0s; });
    expect_refused("connection_timeout", [](auto& o) { o.connection_timeout = 0s; });
    expect_refused("request_timeout", [](auto& o) { o.request_timeout = 0s; });
    expect_fine([](auto& o) { o.connection_timeout = 1ms; });
}

TEST(OptionsCheck, a_ping_must_end_before_the_next_health_check) {
    expect_refused("ping_timeout", [](auto& o) { o.ping_timeout = o.health_check_interval; });
    expect_refused("ping_timeout", [](auto& o) { o.ping_timeout = 31s; });
    expect_fine([](auto& o) { o.ping_timeout = 29.999s; });
    expect_fine([](auto& o) { o.ping_timeout = 0s; });
    expect_fine([](auto& o) { o.health_check_interval = 10ms; });
}

TEST(OptionsCheck, jitter_is_a_share) {
    for (const double bad : {-0.01, 1.01, infinite, nan}) expect_refused("jitter", [&](auto& o) { o.jitter = bad; });
    expect_fine([](auto& o) { o.jitter = 0; });
    expect_fine([](auto& o) { o.jitter = 1; });
}

TEST(OptionsCheck, delays_may_grow_but_not_shrink) {
    for (const double bad : {0.99, 0.0, -2.0, infinite, nan}) {
        expect_refused("backoff_multiplier", [&](auto& o) { o.backoff_multiplier = bad; });
    }
    expect_fine([](auto& o) { o.backoff_multiplier = 1; });
}

TEST(OptionsCheck, at_least_one_probe_must_be_missed_before_death) {
    expect_refused("dead_after", [](auto& o) { o.dead_after = 0; });
    expect_refused("dead_after", [](auto& o) { o.dead_after = -1; });
    expect_fine([](auto& o) { o.dead_after = 1; });
}

TEST(OptionsCheck, B4_any_number_of_attempts_has_a_meaning) {
    for (const int n : {0, 1, -1, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
        expect_fine([&](auto& o) { o.max_reconnect_attempts = n; });
    }
}

TEST(OptionsCheck, a_time_given_to_a_call_may_be_zero_or_endless_but_not_negative) {
    EXPECT_NO_THROW(check_time(Seconds(0), "timeout"));
    EXPECT_NO_THROW(check_time(Seconds(infinite), "timeout"));
    EXPECT_THROW(check_time(Seconds(-0.001), "timeout"), std::invalid_argument);
    EXPECT_THROW(check_time(Seconds(nan), "timeout"), std::invalid_argument);
    try {
        check_time(Seconds(-1), "timeout");
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find("timeout"), std::string::npos);
    }
}

}  // namespace
}  // namespace haive::mcp
