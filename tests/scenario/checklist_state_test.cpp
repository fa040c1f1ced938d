// The acceptance checklist of the seed document, rows 27 to 52, on moved time with scripted peers.
// Real processes (rows 45, 46, 51, 52 and others): tests/integration/checklist_stdio_test.cpp.
#include "haive/mcp/base/exceptions.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "support/step_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <type_traits>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

int number(const json::object& o, std::string_view key) {
    return o.at(json::string_view(key.data(), key.size())).to_number<int>();
}

TEST(SeedChecklist, row_27_get_info_has_the_documented_members_and_keys) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    const auto info = c.get_info();
    static_assert(std::is_same_v<decltype(c.get_info()), ConnectionInfo>);
    EXPECT_EQ(info.name, "s");
    EXPECT_NE(info.transport, nullptr);
    EXPECT_EQ(info.client, c.get_client());
    EXPECT_EQ(info.status, ConnectionStatus::connected);
    EXPECT_TRUE(info.last_connected.has_value());
    EXPECT_EQ(info.last_error, std::nullopt);
    EXPECT_EQ(info.reconnect_attempts, 0);
    EXPECT_EQ(info.health_score, 1.0);
    for (const char* key : {"connection_count", "error_count", "total_uptime", "transport_type"}) {
        EXPECT_TRUE(info.metadata.contains(key)) << key;
    }
}

TEST(SeedChecklist, row_28_health_check_returns_an_object_and_never_throws) {
    World w;
    auto c = w.connection();
    const auto check = [&](bool connected) {
        const json::object o = w.run(c.health_check());
        for (const char* key :
             {"name", "status", "connected", "health_score", "last_connected", "last_error", "reconnect_attempts",
              "connection_count", "error_count", "uptime", "transport_type", "error"}) {
            EXPECT_TRUE(o.contains(key)) << key;
        }
        EXPECT_EQ(o.at("connected").as_bool(), connected);
        EXPECT_EQ(o.at("error").is_null(), connected);
        return o;
    };
    EXPECT_THAT(std::string(check(false).at("error").as_string()), HasSubstr("Not connected"));
    w.run(c.connect());
    EXPECT_EQ(check(true).at("health_score").to_number<double>(), 1.0);
    w.refuse_all();
    w.wire->die();
    check(false);
    w.advance(1h);
    check(false);
    w.run(c.disconnect());
    check(false);
}

TEST(SeedChecklist, row_29_health_check_is_a_real_round_trip) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    const int pings = w.script->count("ping");
    EXPECT_TRUE(w.run(c.health_check()).at("error").is_null());
    EXPECT_TRUE(w.run(c.health_check()).at("error").is_null());
    EXPECT_EQ(w.script->count("ping"), pings + 2);

    w.wire->reads = false;  // as a process that was stopped
    const TimePoint began = w.now();
    const json::object hung = w.run(c.health_check());
    EXPECT_FALSE(hung.at("error").is_null());
    EXPECT_LT(hung.at("health_score").to_number<double>(), 1.0);
    EXPECT_NEAR(to_seconds(w.now() - began), 10, 0.1) << "the ping timeout bounds it";
}

TEST(SeedChecklist, row_30_is_connected_around_the_life) {
    World w;
    ConnectionOptions o;
    o.auto_reconnect = false;
    auto c = w.connection(o);
    static_assert(noexcept(c.is_connected()));
    EXPECT_FALSE(c.is_connected());
    w.run(c.connect());
    EXPECT_TRUE(c.is_connected());
    w.wire->die();
    EXPECT_FALSE(c.is_connected());
    w.run(c.connect());
    EXPECT_TRUE(c.is_connected());
    w.run(c.disconnect());
    EXPECT_FALSE(c.is_connected());
}

/// A connection that has missed two probes: connected, and 0.556 healthy or a little less.
void miss_two_probes(World& w, MCPConnection& c) {
    w.run(c.connect());
    w.run(c.health_check());
    w.wire->reads = false;
    w.run(c.health_check());
    w.run(c.health_check());
}

TEST(SeedChecklist, row_31_is_healthy_defaults_to_0_7) {
    World w;
    auto c = w.connection();
    miss_two_probes(w, c);
    const double score = c.health().score;
    ASSERT_GT(score, 0.5);
    ASSERT_LT(score, 0.7);
    EXPECT_TRUE(c.is_connected());
    EXPECT_FALSE(c.is_healthy());
    EXPECT_EQ(c.is_healthy(), c.is_healthy(0.7));
    EXPECT_TRUE(c.is_healthy(0.5));
}

TEST(SeedChecklist, row_32_the_boundary_itself_is_healthy) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    ASSERT_EQ(c.health().score, 1.0);
    EXPECT_TRUE(c.is_healthy(1.0)) << "score >= threshold, as design.md 4 decides";
    w.run(c.health_check());
    w.wire->reads = false;
    w.run(c.health_check());
    const double score = c.health().score;
    ASSERT_LT(score, 1.0);
    EXPECT_TRUE(c.is_healthy(score));
    EXPECT_FALSE(c.is_healthy(std::nextafter(score, 1.0)));
}

TEST(SeedChecklist, row_33_a_threshold_out_of_range_is_refused) {
    World w;
    auto c = w.connection();
    for (const double t :
         {-0.001, 1.001, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        EXPECT_THROW((void)c.is_healthy(t), std::invalid_argument) << t;
    }
    EXPECT_NO_THROW((void)c.is_healthy(0.0));
    EXPECT_NO_THROW((void)c.is_healthy(1.0));
}

TEST(SeedChecklist, row_34_healthy_means_that_get_client_succeeds) {
    World w;
    auto c = w.connection();
    const auto agree = [&](bool usable) {
        EXPECT_EQ(c.is_healthy(0.0), usable);
        if (usable) {
            EXPECT_NO_THROW((void)c.get_client());
        } else {
            EXPECT_FALSE(c.is_healthy());
            EXPECT_THROW((void)c.get_client(), MCPConnectionError);
        }
    };
    agree(false);
    w.run(c.connect());
    agree(true);
    w.refuse_all();
    w.wire->die();
    agree(false);
    w.advance(1h);
    agree(false);
    w.run(c.disconnect());
    agree(false);
}

TEST(SeedChecklist, row_35_the_score_falls_on_failed_checks_and_recovers_on_good_ones) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.run(c.start_monitoring());
    w.advance(1min);
    EXPECT_EQ(c.health().score, 1.0);
    w.wire->reads = false;
    double lowest = 1;
    for (int i = 0; i < 120 && c.is_healthy(); ++i) {
        w.advance(1s);
        EXPECT_GE(c.health().score, 0.0);
        EXPECT_LE(c.health().score, 1.0);
        lowest = std::min(lowest, c.health().score);
    }
    EXPECT_LT(lowest, 0.7);
    ASSERT_TRUE(c.is_connected());
    w.wire->go_on();
    w.advance(5min);
    EXPECT_TRUE(c.is_connected());
    EXPECT_GT(c.health().score, 0.9);
    EXPECT_EQ(w.wire->opened, 1);
}

TEST(SeedChecklist, row_36_reconnect_returns_the_client) {
    World w;
    ConnectionOptions o;
    o.auto_reconnect = false;
    auto c = w.connection(o);
    auto client = w.run(c.connect());
    w.wire->die();
    EXPECT_FALSE(c.is_connected());
    EXPECT_EQ(w.run(c.reconnect()), client);
    EXPECT_TRUE(c.is_connected());
    EXPECT_EQ(w.run(client->call_tool("echo")).text(), "ok");
}

TEST(SeedChecklist, row_37_reconnect_returns_null_for_a_dead_server) {
    World w;
    ConnectionOptions o;
    o.auto_reconnect = false;
    auto c = w.connection(o);
    w.run(c.connect());
    w.refuse_all();
    w.wire->die();
    EXPECT_EQ(w.run(c.reconnect()), nullptr);
    EXPECT_EQ(w.run(c.reconnect()), nullptr);
    EXPECT_EQ(w.wire->attempts, 3);
    EXPECT_THAT(c.get_info().last_error.value_or(""), HasSubstr("connection refused"));
}

TEST(SeedChecklist, row_38_reconnect_replaces_a_live_connection) {
    World w;
    w.wire->close_takes = 2s;
    auto c = w.connection();
    auto client = w.run(c.connect());
    EXPECT_EQ(w.run(c.reconnect()), client);
    EXPECT_EQ(w.wire->opened, 2);
    EXPECT_EQ(w.wire->most_live, 1) << "the old server goes before the new one comes";
    EXPECT_EQ(c.get_info().reconnect_attempts, 0);
    EXPECT_EQ(c.health().score, 1.0) << "a replacement on request is no churn";
}

TEST(SeedChecklist, row_38_reconnect_after_all_attempts_are_used_is_null_at_once) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.refuse_all();
    w.wire->die();
    w.advance(1h);
    w.accept_again();
    const int attempts = w.wire->attempts;
    const TimePoint began = w.now();
    EXPECT_EQ(w.run(c.reconnect()), nullptr);
    EXPECT_EQ(w.now(), began);
    EXPECT_EQ(w.wire->attempts, attempts);
    EXPECT_NE(w.run(c.connect()), nullptr) << "connect() starts afresh";
}

TEST(SeedChecklist, row_38_reconnect_when_never_connected_makes_one_attempt) {
    World w;
    ConnectionOptions o;
    o.auto_reconnect = false;
    auto c = w.connection(o);
    EXPECT_NE(w.run(c.reconnect()), nullptr);
    EXPECT_EQ(w.wire->attempts, 1);
}

TEST(SeedChecklist, row_39_start_monitoring_returns_promptly_and_works_in_the_background) {
    World w;
    w.wire->open_takes = 5s;
    auto c = w.connection();
    const TimePoint began = w.now();
    w.run(c.start_monitoring());
    EXPECT_EQ(w.now(), began);
    EXPECT_EQ(c.status(), "connecting");
    w.advance(6s);
    EXPECT_TRUE(c.is_connected());
    w.advance(5min);
    EXPECT_GT(w.script->count("ping"), 5);
}

TEST(SeedChecklist, row_40_monitoring_alone_connects_and_reconnects) {
    World w;
    auto c = w.connection();
    w.run(c.start_monitoring());
    w.advance(1s);
    EXPECT_TRUE(c.is_connected());
    w.wire->die();
    w.advance(2s);
    EXPECT_TRUE(c.is_connected());
    EXPECT_EQ(w.wire->opened, 2);
}

TEST(SeedChecklist, row_40_monitoring_keeps_trying_when_the_first_connect_fails) {
    World w;
    w.refuse_all();
    auto c = w.connection();
    w.run(c.start_monitoring());
    w.advance(2s);
    EXPECT_EQ(c.status(), "reconnecting");
    w.accept_again();
    w.advance(10s);
    EXPECT_TRUE(c.is_connected());
}

TEST(SeedChecklist, row_40_without_auto_reconnect_monitoring_only_observes) {
    World w;
    ConnectionOptions o;
    o.auto_reconnect = false;
    auto c = w.connection(o);
    w.run(c.start_monitoring());
    w.advance(1h);
    EXPECT_EQ(w.wire->attempts, 0);
    w.run(c.connect());
    w.advance(5min);
    EXPECT_GT(w.script->count("ping"), 5);
}

TEST(SeedChecklist, row_41_two_starts_are_one_monitor) {
    const auto pings = [](int starts) {
        World w;
        auto c = w.connection();
        w.run(c.connect());
        for (int i = 0; i < starts; ++i) w.run(c.start_monitoring());
        w.advance(1h);
        return w.script->count("ping");
    };
    EXPECT_EQ(pings(2), pings(1));
    EXPECT_GT(pings(1), 100);
}

TEST(SeedChecklist, row_42_stop_monitoring_ends_probes_and_leaves_the_connection) {
    World w;
    auto c = w.connection();
    w.run(c.stop_monitoring());  // never started
    auto client = w.run(c.connect());
    w.run(c.start_monitoring());
    w.advance(5min);
    const TimePoint before = w.now();
    w.run(c.stop_monitoring());
    w.run(c.stop_monitoring());
    EXPECT_EQ(w.now(), before);
    const int pings = w.script->count("ping");
    w.advance(1h);
    EXPECT_EQ(w.script->count("ping"), pings);
    EXPECT_TRUE(c.is_connected());
    EXPECT_EQ(w.run(client->call_tool("echo")).text(), "ok");
}

// The row asks that a pending reconnect be cancelled; B-9 decides otherwise: stopping the probes does
// not stop the healing of a connection that connect() asked for.
TEST(SeedChecklist, row_42_stop_monitoring_does_not_stop_a_healing_that_connect_asked_for) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.run(c.start_monitoring());
    w.wire->die();
    w.run(c.stop_monitoring());
    EXPECT_EQ(c.status(), "reconnecting");
    w.advance(2s);
    EXPECT_TRUE(c.is_connected());
}

TEST(SeedChecklist, row_43_the_last_error_is_kept_until_the_next_success_and_counted_for_ever) {
    World w;
    w.refuse_all();
    auto c = w.connection();
    (void)w.result(c.connect());
    EXPECT_THAT(c.get_info().last_error.value_or(""), HasSubstr("connection refused"));
    EXPECT_EQ(number(c.get_info().metadata, "error_count"), 1);
    w.wire->on_open = nullptr;
    w.wire->reads = false;
    (void)w.result(c.connect(3s));
    EXPECT_THAT(c.get_info().last_error.value_or(""), Not(IsEmpty())) << "a timeout has a text too (F9)";
    EXPECT_EQ(number(c.get_info().metadata, "error_count"), 2);
    w.wire->reads = true;
    w.run(c.connect());
    EXPECT_EQ(c.get_info().last_error, std::nullopt);
    EXPECT_EQ(number(c.get_info().metadata, "error_count"), 2);
}

TEST(SeedChecklist, row_44_uptime_is_right_across_reconnects_and_double_disconnects) {
    World w;
    auto o = ConnectionOptions();
    o.jitter = 0;
    auto c = w.connection(o);
    const auto uptime = [&] { return c.get_info().metadata.at("total_uptime").to_number<double>(); };
    EXPECT_EQ(uptime(), 0);
    w.run(c.connect());
    w.advance(100s);
    EXPECT_DOUBLE_EQ(uptime(), 100) << "the live session counts";
    w.wire->die();
    w.advance(500ms);
    EXPECT_DOUBLE_EQ(uptime(), 100) << "an outage does not";
    w.advance(500ms);
    ASSERT_TRUE(c.is_connected());
    w.advance(50s);
    EXPECT_DOUBLE_EQ(uptime(), 150);
    w.run(c.disconnect());
    w.run(c.disconnect());
    w.advance(1h);
    EXPECT_DOUBLE_EQ(uptime(), 150);
}

TEST(SeedChecklist, row_44_counts_and_latency_are_there) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    for (int i = 0; i < 3; ++i) w.run(client->call_tool("echo"));
    w.wire->die();
    w.advance(2s);
    w.run(c.health_check());
    const json::object& m = c.get_info().metadata;
    EXPECT_EQ(number(m, "connection_count"), 2);
    EXPECT_EQ(number(m, "reconnects"), 1);
    EXPECT_EQ(number(m, "error_count"), 1);
    EXPECT_EQ(number(m, "calls"), 3);
    EXPECT_EQ(number(m, "calls_failed"), 0);
    EXPECT_TRUE(m.contains("round_trip"));
    EXPECT_TRUE(c.get_info().last_connected.has_value());
}

TEST(SeedChecklist, row_45_example_1_in_shape) {
    World w;
    MCPConnection connection("filesystem", StepTransport(w.wire), w.options());
    w.run(connection.connect());
    auto client = connection.get_client();
    auto tools = w.run(client->list_tools());
    EXPECT_EQ(tools.size(), 1U);
    w.run(connection.disconnect());
}

TEST(SeedChecklist, row_47_arguments_go_through_unchanged_and_errors_are_typed) {
    World w;
    std::string arguments;
    w.script->on_request = [&](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "tools/call") return false;
        const auto& params = m.at("params").as_object();
        arguments = json::serialize(params.at("arguments"));
        if (params.at("name").as_string() == "broken") {
            reply(Script::error(m, -32602, "Unknown tool: broken", R"({"hint":1})"));
        } else {
            reply(Script::result(m, R"({"content":[{"type":"text","text":"hello"}]})"));
        }
        return true;
    };
    auto c = w.connection();
    auto client = w.run(c.connect());
    EXPECT_EQ(w.run(client->call_tool("read_file", {{"path", "/a \"b\"/\xc3\xa9.txt"}})).text(), "hello");
    EXPECT_EQ(arguments, "{\"path\":\"/a \\\"b\\\"/\xc3\xa9.txt\"}");
    try {
        w.run(client->call_tool("broken"));
        FAIL() << "an error reply must throw";
    } catch (const MCPToolError& e) {
        EXPECT_EQ(e.error_code(), -32602);
        EXPECT_EQ(e.error().details().peer_text, "Unknown tool: broken");
        EXPECT_EQ(e.disposition(), Disposition::executed);
    }
    EXPECT_TRUE(c.is_healthy()) << "a failing tool is not a failing connection";
}

TEST(SeedChecklist, row_48_list_tools_gives_names_descriptions_and_schemas) {
    World w;
    w.script->on_request = [](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "tools/list") return false;
        reply(Script::result(m, R"({"tools":[{"name":"read_file","description":"Reads a file",)"
                                R"("inputSchema":{"type":"object","required":["path"]}},)"
                                R"({"name":"bare","inputSchema":{"type":"object"}}]})"));
        return true;
    };
    auto c = w.connection();
    auto client = w.run(c.connect());
    const auto tools = w.run(client->list_tools());
    ASSERT_EQ(tools.size(), 2U);
    EXPECT_EQ(tools[0].name, "read_file");
    EXPECT_EQ(tools[0].description, "Reads a file");
    EXPECT_EQ(tools[0].input_schema.text(), R"({"type":"object","required":["path"]})");
    EXPECT_EQ(tools[1].description, "");
}

TEST(SeedChecklist, row_49_options_are_set_by_name_and_checked) {
    World w;
    MCPConnection c("s", StepTransport(w.wire),
                    {.auto_reconnect = true,
                     .max_reconnect_attempts = 3,
                     .reconnect_delay = 2s,
                     .max_reconnect_delay = 30s,
                     .health_check_interval = 15s,
                     .connection_timeout = 10s,
                     .runtime = w.rt.runtime});
    const ConnectionOptions defaults;
    EXPECT_TRUE(defaults.auto_reconnect);
    EXPECT_EQ(defaults.max_reconnect_attempts, 5);
    const auto refused = [&](auto change) {
        ConnectionOptions o;
        change(o);
        EXPECT_THROW((void)w.connection(o), std::invalid_argument);
    };
    refused([](auto& o) { o.reconnect_delay = -1s; });
    refused([](auto& o) { o.max_reconnect_delay = Seconds(std::numeric_limits<double>::quiet_NaN()); });
    refused([](auto& o) { o.reconnect_delay = 90s; });
    refused([](auto& o) { o.health_check_interval = 0s; });
    refused([](auto& o) { o.connection_timeout = 0s; });
    refused([](auto& o) { o.jitter = 1.5; });
    refused([](auto& o) { o.ping_timeout = 30s; });
}

TEST(SeedChecklist, row_50_no_call_blocks_and_every_wait_can_be_cancelled) {
    World w;
    w.wire->open_takes = 10s;
    auto c = w.connection();
    auto connecting = c.connect();  // returns while the transport is still opening
    EXPECT_FALSE(connecting.is_done());
    w.advance(11s);
    auto client = w.run(std::move(connecting));
    w.wire->reads = false;
    auto call = client->call_tool("echo");
    w.settle();
    EXPECT_FALSE(call.is_done());
    const TimePoint began = w.now();
    call.cancel();
    const auto ended = w.result(std::move(call));
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::cancelled);
    EXPECT_EQ(w.now(), began);
}

TEST(SeedChecklist, row_50_connect_and_wait_until_connected_can_be_cancelled) {
    World w;
    w.wire->open_takes = 10s;
    auto c = w.connection();
    auto connecting = c.connect();
    auto waiting = c.wait_until_connected(20s);
    const TimePoint began = w.now();
    connecting.cancel();
    waiting.cancel();
    w.settle();
    EXPECT_TRUE(connecting.is_done()) << "Async::cancel() must end a connect()";
    EXPECT_TRUE(waiting.is_done()) << "Async::cancel() must end a wait_until_connected()";
    EXPECT_EQ(w.now(), began);
}

TEST(SeedChecklist, row_51_dropping_the_object_stops_the_monitor_and_closes_the_server) {
    World w;
    std::shared_ptr<MCPClient> client;
    {
        auto c = w.connection();
        client = w.run(c.connect());
        w.run(c.start_monitoring());
        w.advance(1min);
    }
    w.advance(10s);
    EXPECT_EQ(w.wire->live, 0);
    EXPECT_EQ(w.rt.loop->timers(), 0U);
    const auto ended = w.result(client->call_tool("echo"));
    ASSERT_TRUE(ended.has_error());
    EXPECT_FALSE(client->is_connected());
}

TEST(SeedChecklist, row_51_dropping_the_object_in_the_middle_of_anything_leaves_nothing) {
    for (int moment = 0; moment < 4; ++moment) {
        World w;
        w.wire->close_takes = 1s;
        {
            auto c = w.connection();
            if (moment == 0) w.wire->open_takes = 5s;
            if (moment == 1) w.wire->reads = false;
            auto connecting = c.connect();
            w.advance(100ms);
            if (moment >= 2) w.run(std::move(connecting));
            if (moment == 3) {
                w.refuse_all();
                w.wire->die();
            }
        }
        w.advance(1min);
        EXPECT_EQ(w.wire->live, 0) << moment;
        EXPECT_EQ(w.rt.loop->timers(), 0U) << moment;
    }
}

}  // namespace
}  // namespace haive::mcp::testing
