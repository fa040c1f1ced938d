#include "haive/mcp/exporters/flight_recorder.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

CallRecord call(std::string_view server, std::uint64_t number) {
    CallRecord r;
    r.server = server;
    r.method = "tools/call";
    r.name = "echo";
    r.number = number;
    r.attempt = 1;
    return r;
}

TEST(FlightRecorder, keeps_the_last_the_oldest_first) {
    FlightRecorderOptions options;
    options.calls = 3;
    FlightRecorder recorder(options);
    for (std::uint64_t i = 1; i <= 5; ++i) recorder.on_call(call("s", i));
    const auto dump = recorder.dump();
    const auto& s = dump.at("servers").at("s").as_object();
    ASSERT_EQ(s.at("frames").as_array().size(), 3U);
    EXPECT_EQ(s.at("frames").as_array().front().at("number").to_number<int>(), 3);
    EXPECT_EQ(s.at("frames").as_array().back().at("number").to_number<int>(), 5);
    EXPECT_EQ(s.at("frames").as_array().back().at("name").as_string(), "echo");
    EXPECT_EQ(s.at("frames_in_all").to_number<int>(), 5);
}

TEST(FlightRecorder, a_flood_of_oddities_does_not_wash_changes_away) {
    FlightRecorder recorder;
    Event event;
    event.server = "s";
    StatusEvent status;
    status.to = "error";
    status.reason = "https://h/?token=hunter2";
    event.what = status;
    recorder.on_event(event);
    event.what = OddityEvent();
    for (int i = 0; i < 1000; ++i) recorder.on_event(event);
    const auto dump = recorder.dump();
    const auto& s = dump.at("servers").at("s").as_object();
    EXPECT_EQ(s.at("oddities").to_number<int>(), 1000);
    ASSERT_EQ(s.at("events").as_array().size(), 1U);
    EXPECT_EQ(s.at("events").as_array()[0].at("reason").as_string(), "https://h/?***");
}

TEST(FlightRecorder, what_the_library_itself_found_is_kept_with_its_text) {
    FlightRecorder recorder;
    Event event;
    event.server = "s";
    OddityEvent leak;
    leak.kind = "lease_leak";
    leak.text = "held for 30 s since jobs.cpp:12 with TOKEN=hunter2";
    event.what = leak;
    recorder.on_event(event);
    const auto dump = recorder.dump();
    const auto& s = dump.at("servers").at("s").as_object();
    EXPECT_EQ(s.at("oddities").to_number<int>(), 0);
    ASSERT_EQ(s.at("events").as_array().size(), 1U);
    EXPECT_EQ(s.at("events").as_array()[0].at("kind").as_string(), "lease_leak");
    EXPECT_EQ(s.at("events").as_array()[0].at("text").as_string(), "held for 30 s since jobs.cpp:12 with TOKEN=***");
}

TEST(FlightRecorder, servers_past_the_bound_are_only_counted) {
    FlightRecorderOptions options;
    options.servers = 1;
    FlightRecorder recorder(options);
    recorder.on_call(call("a", 1));
    recorder.on_call(call("b", 1));
    EXPECT_EQ(recorder.dump().at("servers").as_object().size(), 1U);
    EXPECT_EQ(recorder.dump().at("not_recorded").to_number<int>(), 1);
}

}  // namespace
}  // namespace haive::mcp
