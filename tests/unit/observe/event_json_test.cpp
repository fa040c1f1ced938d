// The lines of `haive-mcp monitor --json`: a contract with scripts.
#include "haive/mcp/observe/event_json.hpp"

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

template <class What>
Event event_of(What what) {
    Event event;
    event.server = "files";
    event.wall_time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1700000000123));
    event.what = std::move(what);
    return event;
}

std::vector<std::string> keys_of(const boost::json::object& object) {
    std::vector<std::string> keys;
    for (const auto& [key, ignored] : object) keys.emplace_back(key);
    return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST(EventJson, time_is_rfc_3339_in_utc_with_milliseconds) {
    EXPECT_EQ(to_json(event_of(SessionReplacedEvent())).at("time"), "2023-11-14T22:13:20.123Z");
}

TEST(EventJson, a_status_event_has_every_field_of_the_contract) {
    StatusEvent status;
    status.from = "connected";
    status.to = "reconnecting";
    status.phase = "backing_off";
    status.generation = 4;
    status.pid = 77;
    status.reason = "signal 9 (SIGKILL)";
    status.attempt = 2;
    status.next_attempt_in = 1.5;
    const auto out = to_json(event_of(status));
    EXPECT_EQ(keys_of(out), (Keys{"time", "server", "event", "from", "to", "phase", "generation", "pid", "reason",
                                  "attempt", "next_attempt_in"}));
    EXPECT_EQ(out.at("server"), "files");
    EXPECT_EQ(out.at("event"), "status");
    EXPECT_EQ(out.at("from"), "connected");
    EXPECT_EQ(out.at("to"), "reconnecting");
    EXPECT_EQ(out.at("phase"), "backing_off");
    EXPECT_EQ(out.at("generation"), 4u);
    EXPECT_EQ(out.at("pid"), 77);
    EXPECT_EQ(out.at("attempt"), 2);
    EXPECT_EQ(out.at("next_attempt_in"), 1.5);
}

TEST(EventJson, no_next_attempt_is_null_and_no_process_is_no_pid) {
    const auto out = to_json(event_of(StatusEvent()));
    EXPECT_TRUE(out.at("next_attempt_in").is_null());
    EXPECT_FALSE(out.contains("pid"));
}

TEST(EventJson, a_health_event_has_score_and_outcome_and_the_round_trip_when_there_was_one) {
    HealthEvent health;
    health.score = 0.25;
    health.outcome = "miss";
    health.limiting_factor = "liveness";
    health.generation = 2;
    auto out = to_json(event_of(health));
    EXPECT_EQ(keys_of(out), (Keys{"time", "server", "event", "outcome", "score", "limiting_factor", "generation"}));
    EXPECT_EQ(out.at("event"), "health");
    EXPECT_EQ(out.at("score"), 0.25);
    health.rtt = 0.002;
    out = to_json(event_of(health));
    EXPECT_EQ(out.at("rtt"), 0.002);
}

TEST(EventJson, each_list_that_changes_has_an_event_of_its_own) {
    for (const char* what : {"tools", "prompts", "resources"}) {
        CatalogueEvent catalogue;
        catalogue.what = what;
        catalogue.generation = 3;
        const auto out = to_json(event_of(catalogue));
        EXPECT_EQ(out.at("event").as_string(), std::string(what) + "_changed");
        EXPECT_EQ(out.at("generation"), 3u);
    }
}

TEST(EventJson, the_small_events_carry_what_they_are_about) {
    SessionReplacedEvent replaced;
    replaced.generation = 5;
    EXPECT_EQ(to_json(event_of(replaced)).at("event"), "session_replaced");
    EXPECT_EQ(to_json(event_of(replaced)).at("generation"), 5u);
    ServerRequestEvent request;
    request.method = "roots/list";
    EXPECT_EQ(to_json(event_of(request)).at("event"), "server_request");
    EXPECT_EQ(to_json(event_of(request)).at("method"), "roots/list");
    OddityEvent oddity;
    oddity.kind = "junk";
    oddity.text = "Listening...";
    EXPECT_EQ(to_json(event_of(oddity)).at("event"), "oddity");
    EXPECT_EQ(to_json(event_of(oddity)).at("kind"), "junk");
    EXPECT_EQ(to_json(event_of(oddity)).at("text"), "Listening...");
}

TEST(EventJson, an_event_is_one_line_whatever_the_server_wrote) {
    OddityEvent oddity;
    oddity.text = "a\nb\r\x1b[31m\"c\"";
    const std::string line = boost::json::serialize(to_json(event_of(oddity)));
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
}
