// What docs/internals/life_of_a_call.md says, checked: the events of a call, and of its break.
#include "support/step_stream.hpp"

#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

/// `from -> to (phase)` of the status events, in order.
std::vector<std::string> story(const std::vector<StatusEvent>& events) {
    std::vector<std::string> out;
    for (const auto& e : events) {
        out.push_back(std::string(e.from) + " -> " + std::string(e.to) + " (" + std::string(e.phase) + ")");
    }
    return out;
}

TEST(LifeOfACall, a_successful_call_makes_no_event) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.events->take();
    EXPECT_EQ(w.run(client->call_tool("echo")).text(), "ok");
    EXPECT_TRUE(w.events->lines.empty());
}

TEST(LifeOfACall, whoever_is_told_of_a_failed_call_finds_the_connection_in_its_new_state) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.script->on_request = never_answers("tools/call");
    ConnectionStatus seen = ConnectionStatus::connected;
    std::optional<Error> error;
    client->call_tool("echo").then([&](Result<CallToolResult> result) {
        seen = c.status();
        error = result.error();
    });
    w.settle();
    w.wire->die();
    w.settle();
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(seen, "reconnecting");
    EXPECT_EQ(error->disposition(), Disposition::maybe_executed);
    EXPECT_EQ(error->details().server, "s");
    EXPECT_EQ(error->details().operation, "tools/call echo");
}

TEST(LifeOfACall, a_break_and_its_healing_are_told_in_this_order) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.events->take();
    w.events->statuses.clear();
    w.wire->die();
    w.advance(2s);
    EXPECT_EQ(story(w.events->statuses), (std::vector<std::string>{
                                             "connected -> reconnecting (backoff)",
                                             "reconnecting -> reconnecting (gated)",
                                             "reconnecting -> reconnecting (opening)",
                                             "reconnecting -> reconnecting (handshaking)",
                                             "reconnecting -> connected (ready)",
                                         }));
    EXPECT_TRUE(c.is_connected());
}

TEST(LifeOfACall, an_attempt_tells_its_own_reason_and_not_the_old_loss) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.events->statuses.clear();
    w.wire->die();
    w.advance(2s);
    ASSERT_EQ(w.events->statuses.size(), 5U);
    EXPECT_EQ(w.events->statuses[0].reason, "the server ended");
    EXPECT_EQ(w.events->statuses[0].attempt, 1) << "the one that is waited for";
    EXPECT_EQ(w.events->statuses[2].reason, "attempt 1");
    EXPECT_EQ(w.events->statuses[3].reason, "transport open");
    EXPECT_EQ(w.events->statuses[4].attempt, 0);
}

TEST(LifeOfACall, a_server_that_stops_answering_is_lost_for_that_reason) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.run(c.start_monitoring());
    w.advance(2min);  // it has answered pings
    w.events->statuses.clear();
    w.wire->reads = false;
    w.advance(90s);
    ASSERT_GE(w.events->statuses.size(), 2U);
    EXPECT_EQ(w.events->statuses[0].phase, "suspect");
    EXPECT_EQ(w.events->statuses[0].reason, "no answer to 1 health check");
    EXPECT_EQ(w.events->statuses[1].to, "reconnecting");
    EXPECT_EQ(w.events->statuses[1].reason, "no answer to 3 health checks in a row");
}

TEST(LifeOfACall, a_server_that_answers_again_in_time_is_told_of_too) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.run(c.start_monitoring());
    w.advance(2min);
    w.wire->reads = false;
    while (c.health().missed_probes == 0) w.advance(1s);
    w.events->statuses.clear();
    w.wire->go_on();
    w.advance(20s);
    ASSERT_EQ(w.events->statuses.size(), 1U);
    EXPECT_EQ(w.events->statuses[0].phase, "ready");
    EXPECT_EQ(w.events->statuses[0].reason, "it answers again");
    EXPECT_FALSE(c.get_info().last_error.has_value());
}

// A transport that refuses at once ends the attempt inside connect(): its caller must not wait for the
// whole connection_timeout then.
TEST(LifeOfACall, a_connect_that_is_refused_at_once_ends_at_once) {
    World w;
    w.refuse_all();
    auto c = w.connection();
    const TimePoint began = w.now();
    const auto ended = w.result(c.connect());
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::server_unavailable);
    EXPECT_EQ(w.now(), began);
}

}  // namespace
}  // namespace haive::mcp::testing
