// The acceptance checklist of the seed document, rows 1 to 26, on moved time with scripted peers.
// Rows 27 and up: checklist_state_test.cpp. Real processes: tests/integration/checklist_stdio_test.cpp.
#include "haive/mcp/base/exceptions.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "support/step_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <type_traits>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ConnectionOptions no_jitter() {
    ConnectionOptions o;
    o.jitter = 0;
    return o;
}

// Row 1 asks for a pool. There is none yet: this proves only what it would stand on.
TEST(SeedChecklist, row_1_several_connections_are_held_and_closed_by_one_runtime) {
    World w;
    std::vector<MCPConnection> held;
    for (int i = 0; i < 5; ++i) held.push_back(w.connection({}, "server" + std::to_string(i)));
    for (auto& c : held) w.run(c.connect());
    EXPECT_EQ(w.wire->live, 5);
    for (auto& c : held) EXPECT_TRUE(c.is_connected()) << c.name();
    w.run(held[2].disconnect());
    EXPECT_EQ(w.wire->live, 4);
    EXPECT_TRUE(held[1].is_connected());
    EXPECT_TRUE(held[3].is_connected());
    held.clear();
    w.advance(10s);
    EXPECT_EQ(w.wire->live, 0);
    EXPECT_EQ(w.rt.loop->timers(), 0U);
}

TEST(SeedChecklist, row_2_a_monitor_notices_a_dead_server_without_any_call) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.run(c.start_monitoring());
    w.wire->reads = false;
    w.refuse_all();
    w.advance(103s);  // the first probe comes within 30 s, and the bound after it is 73 s
    EXPECT_FALSE(c.is_connected());
    EXPECT_FALSE(c.is_healthy());
}

struct Offered {
    std::string name;
    std::function<std::shared_ptr<MCPTransport>(World&)> make;
    friend std::ostream& operator<<(std::ostream& out, const Offered& o) { return out << o.name; }
};

class SeedChecklistLifecycle : public ::testing::TestWithParam<Offered> {};

// stdio runs the same steps in tests/integration/checklist_stdio_test.cpp.
TEST_P(SeedChecklistLifecycle, row_3_the_same_lifecycle_on_every_transport) {
    World w;
    MCPConnection c("any", GetParam().make(w), w.options());
    EXPECT_EQ(c.status(), "disconnected");
    auto client = w.run(c.connect());
    EXPECT_EQ(c.status(), "connected");
    EXPECT_EQ(w.run(client->list_tools()).size(), 1U);
    EXPECT_EQ(w.run(client->call_tool("echo")).text(), "ok");
    EXPECT_TRUE(w.run(c.health_check()).at("error").is_null());
    EXPECT_NE(w.run(c.reconnect()), nullptr);
    EXPECT_EQ(w.run(client->call_tool("echo")).text(), "ok");
    EXPECT_EQ(w.script->incarnations, 2);
    w.run(c.disconnect());
    EXPECT_EQ(c.status(), "disconnected");
    EXPECT_EQ(w.run(c.connect()), client);
    w.run(c.disconnect());
    EXPECT_EQ(w.rt.loop->timers(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Transports, SeedChecklistLifecycle,
                         ::testing::Values(Offered{"memory",
                                                   [](World& w) { return scripted_transport(w.script).clone(); }},
                                           Offered{"stepped", [](World& w) { return StepTransport(w.wire).clone(); }}),
                         [](const auto& info) { return info.param.name; });

TEST(SeedChecklist, row_4_the_three_documented_classes_exist) {
    static_assert(std::is_class_v<ConnectionInfo>);
    static_assert(std::is_enum_v<ConnectionStatus>);
    static_assert(std::is_class_v<MCPConnection>);
    static_assert(std::is_move_constructible_v<MCPConnection>);
    static_assert(!std::is_copy_constructible_v<MCPConnection>);
}

TEST(SeedChecklist, row_5_a_status_is_its_text_both_ways) {
    using enum ConnectionStatus;
    const std::vector<std::pair<ConnectionStatus, std::string>> all{{disconnected, "disconnected"},
                                                                    {connecting, "connecting"},
                                                                    {connected, "connected"},
                                                                    {error, "error"},
                                                                    {reconnecting, "reconnecting"}};
    for (const auto& [status, text] : all) {
        EXPECT_EQ(to_string(status), text);
        EXPECT_TRUE(status == text);
        EXPECT_EQ(connection_status_from_string(text), status);
    }
    EXPECT_EQ(connection_status_from_string("Connected"), std::nullopt);
    EXPECT_EQ(connection_status_from_string(""), std::nullopt);
}

TEST(SeedChecklist, row_6_every_status_is_reached_and_seen) {
    World w;
    auto o = no_jitter();
    o.max_reconnect_attempts = 1;
    auto c = w.connection(o);
    std::set<std::string> seen{std::string(to_string(c.status()))};
    w.wire->open_takes = 1s;
    auto opening = c.connect();
    w.advance(100ms);
    seen.emplace(to_string(c.status()));
    w.run(std::move(opening));
    seen.emplace(to_string(c.status()));
    w.refuse_all();
    w.wire->die();
    seen.emplace(to_string(c.status()));
    w.advance(10s);
    seen.emplace(to_string(c.status()));
    EXPECT_EQ(seen, (std::set<std::string>{"disconnected", "connecting", "connected", "reconnecting", "error"}));
    // Each event begins where the one before it ended: nothing is skipped and nothing is doubled.
    for (std::size_t i = 1; i < w.events->statuses.size(); ++i) {
        EXPECT_EQ(w.events->statuses[i].from, w.events->statuses[i - 1].to) << i;
    }
}

TEST(SeedChecklist, row_7_get_info_reflects_each_transition_and_does_not_change_later) {
    World w;
    auto c = w.connection();
    const ConnectionInfo before = c.get_info();
    w.run(c.connect());
    const ConnectionInfo up = c.get_info();
    w.refuse_all();
    w.wire->die();
    const ConnectionInfo lost = c.get_info();
    w.run(c.disconnect());
    const ConnectionInfo closed = c.get_info();
    EXPECT_EQ(before.status, ConnectionStatus::disconnected);
    EXPECT_EQ(before.client, nullptr);
    EXPECT_EQ(before.last_connected, std::nullopt);
    EXPECT_EQ(up.status, ConnectionStatus::connected);
    EXPECT_NE(up.client, nullptr);
    EXPECT_TRUE(up.last_connected.has_value());
    EXPECT_EQ(up.metadata.at("connection_count").to_number<int>(), 1);
    EXPECT_EQ(up.metadata.at("error_count").to_number<int>(), 0);
    EXPECT_EQ(lost.status, ConnectionStatus::reconnecting);
    EXPECT_EQ(lost.client, nullptr);
    EXPECT_EQ(lost.health_score, 0.0);
    ASSERT_TRUE(lost.last_error.has_value());
    EXPECT_THAT(*lost.last_error, HasSubstr("the server ended"));
    EXPECT_EQ(closed.status, ConnectionStatus::disconnected);
}

TEST(SeedChecklist, row_8_the_name_is_kept_and_is_in_info_and_error_texts) {
    World w;
    w.refuse_all();
    auto c = w.connection({}, "files");
    EXPECT_EQ(c.name(), "files");
    EXPECT_EQ(c.get_info().name, "files");
    const auto failed = w.result(c.connect());
    ASSERT_TRUE(failed.has_error());
    EXPECT_THAT(failed.error().to_string(), HasSubstr("'files'"));
    try {
        (void)c.get_client();
        FAIL() << "get_client must throw";
    } catch (const MCPConnectionError& e) {
        EXPECT_THAT(e.what(), HasSubstr("'files'"));
    }
    EXPECT_THROW((void)w.connection({}, ""), std::invalid_argument);
    auto twin = w.connection({}, "files");  // the name is not a key: two may share it
    EXPECT_EQ(twin.name(), c.name());
}

TEST(SeedChecklist, row_9_any_implementation_of_the_transport_interface_will_do) {
    World w;
    const std::shared_ptr<MCPTransport> mine = std::make_shared<StepTransport>(w.wire);
    MCPConnection c("double", mine, w.options());
    w.run(c.connect());
    EXPECT_EQ(c.get_info().transport, mine);
    EXPECT_EQ(c.get_info().metadata.at("transport_type").as_string(), "StepTransport");
    EXPECT_THROW(MCPConnection("none", std::shared_ptr<MCPTransport>(), w.options()), std::invalid_argument);
}

TEST(SeedChecklist, row_10_auto_reconnect_is_the_default_and_heals_unasked) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.wire->die();
    EXPECT_EQ(c.status(), "reconnecting");
    w.advance(1s);
    EXPECT_TRUE(c.is_connected());
    EXPECT_EQ(w.wire->opened, 2);
}

TEST(SeedChecklist, row_10_without_auto_reconnect_a_lost_link_stays_lost) {
    for (const bool monitored : {false, true}) {
        World w;
        ConnectionOptions o;
        o.auto_reconnect = false;
        auto c = w.connection(o);
        w.run(c.connect());
        if (monitored) w.run(c.start_monitoring());
        w.wire->die();
        w.advance(1h);
        EXPECT_EQ(c.status(), "error");
        EXPECT_EQ(w.wire->attempts, 1);
    }
}

TEST(SeedChecklist, row_11_exactly_five_attempts_after_a_loss_then_rest) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.refuse_all();
    w.wire->die();
    w.advance(1h);
    EXPECT_EQ(w.wire->attempts, 1 + 5);
    EXPECT_EQ(c.status(), "error");
    const ConnectionInfo info = c.get_info();
    EXPECT_EQ(info.metadata.at("phase").as_string(), "exhausted");
    EXPECT_EQ(info.reconnect_attempts, 5);
    EXPECT_EQ(w.rt.loop->timers(), 0U);
}

TEST(SeedChecklist, row_11_zero_attempts_means_none_and_a_negative_number_no_limit) {
    for (const int limit : {0, -1}) {
        World w;
        ConnectionOptions o;
        o.max_reconnect_attempts = limit;
        auto c = w.connection(o);
        w.run(c.connect());
        w.refuse_all();
        w.wire->die();
        w.advance(2h);
        if (limit == 0) {
            EXPECT_EQ(w.wire->attempts, 1);
            EXPECT_EQ(c.status(), "error");
        } else {
            EXPECT_GT(w.wire->attempts, 100);
            EXPECT_EQ(c.status(), "reconnecting");
        }
    }
}

TEST(SeedChecklist, row_12_the_first_wait_is_the_reconnect_delay) {
    World w;
    auto o = no_jitter();
    o.reconnect_delay = 3s;
    auto c = w.connection(o);
    w.run(c.connect());
    const TimePoint lost = w.now();
    w.wire->die();
    w.advance(10s);
    ASSERT_EQ(w.wire->attempt_times.size(), 2U);
    EXPECT_EQ(w.wire->attempt_times[1] - lost, Duration(3s));
    EXPECT_EQ(ConnectionOptions().reconnect_delay, Seconds(1));
}

TEST(SeedChecklist, row_13_no_wait_exceeds_the_maximum) {
    World w;
    ConnectionOptions o;
    o.max_reconnect_delay = 4s;
    o.max_reconnect_attempts = 12;
    auto c = w.connection(o);
    w.run(c.connect());
    w.refuse_all();
    w.wire->die();
    w.advance(10min);
    ASSERT_EQ(w.wire->attempt_times.size(), 13U);
    EXPECT_THAT(gaps(w.wire->attempt_times), Each(::testing::Le(4.0 + 1e-9)));
    EXPECT_EQ(ConnectionOptions().max_reconnect_delay, Seconds(60));
}

TEST(SeedChecklist, row_14_delays_double_and_never_shrink) {
    World w;
    auto o = no_jitter();
    o.max_reconnect_attempts = 8;
    auto c = w.connection(o);
    w.run(c.connect());
    w.refuse_all();
    w.wire->die();
    w.advance(10min);
    EXPECT_THAT(gaps(w.wire->attempt_times), ElementsAre(1, 2, 4, 8, 16, 32, 60, 60));
}

TEST(SeedChecklist, row_15_probes_come_at_the_interval) {
    World w;
    std::vector<TimePoint> probes;
    w.script->on_request = [&](const json::object& m, const Script::Reply&) {
        if (m.at("method").as_string() == "ping") probes.push_back(w.now());
        return false;
    };
    auto c = w.connection();
    w.run(c.connect());
    const TimePoint up = w.now();
    w.run(c.start_monitoring());
    w.advance(10min);
    ASSERT_GE(probes.size(), 17U);
    EXPECT_LE(probes.front() - up, Duration(30s));  // the phase is spread over the first interval
    EXPECT_THAT(gaps(probes), Each(DoubleNear(30, 3.001)));
    EXPECT_EQ(ConnectionOptions().health_check_interval, Seconds(30));
}

TEST(SeedChecklist, row_16_connection_timeout_bounds_connect_by_default_30_s) {
    World w;
    w.wire->reads = false;
    auto c = w.connection();
    const TimePoint began = w.now();
    const auto ended = w.result(c.connect());
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind(), ErrorKind::deadline_exceeded);
    EXPECT_NEAR(to_seconds(w.now() - began), 30, 0.05);
    EXPECT_EQ(ConnectionOptions().connection_timeout, Seconds(30));
}

TEST(SeedChecklist, row_17_the_constructor_only_configures) {
    World w;
    {
        auto c = w.connection();
        w.advance(1h);
        EXPECT_EQ(w.wire->attempts, 0);
        EXPECT_EQ(w.rt.loop->timers(), 0U);
    }
    EXPECT_TRUE(w.events->lines.empty());
}

TEST(SeedChecklist, row_18_a_given_timeout_wins_and_zero_is_zero) {
    World w;
    w.wire->reads = false;
    auto c = w.connection();
    TimePoint began = w.now();
    EXPECT_THROW(w.run(c.connect(2s)), MCPTimeoutError);
    EXPECT_NEAR(to_seconds(w.now() - began), 2, 0.05);
    w.advance(1s);
    began = w.now();
    EXPECT_THROW(w.run(c.connect(0s)), MCPTimeoutError);
    EXPECT_NEAR(to_seconds(w.now() - began), 0, 0.05);
    EXPECT_THROW((void)c.connect(-1s), std::invalid_argument);
    EXPECT_THROW((void)c.connect(Seconds(std::numeric_limits<double>::quiet_NaN())), std::invalid_argument);
    w.wire->reads = true;
    EXPECT_NE(w.run(c.connect()), nullptr);  // the short limit was for one attempt only
}

TEST(SeedChecklist, row_19_connect_returns_a_client_that_works_at_once) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    EXPECT_TRUE(client->is_connected());
    EXPECT_EQ(w.run(client->list_tools()).size(), 1U);
}

/// One way in which a connection attempt fails.
struct Failure {
    std::string name;
    std::function<void(World&)> arrange;
    friend std::ostream& operator<<(std::ostream& out, const Failure& f) { return out << f.name; }
};

class SeedChecklistRow20 : public ::testing::TestWithParam<Failure> {};

TEST_P(SeedChecklistRow20, row_20_a_failed_connect_raises_a_connection_error_and_leaves_nothing) {
    World w;
    GetParam().arrange(w);
    auto c = w.connection();
    EXPECT_THROW(w.run(c.connect()), MCPConnectionError);
    w.advance(10s);
    EXPECT_EQ(c.status(), "error");
    EXPECT_EQ(w.wire->live, 0);
    EXPECT_EQ(w.rt.loop->timers(), 0U);
    ASSERT_TRUE(c.get_info().last_error.has_value());
    EXPECT_FALSE(c.get_info().last_error->empty());
}

Script::OnRequest on_initialize(std::function<void(World&, const json::object&, const Script::Reply&)> act, World& w) {
    return [act, &w](const json::object& m, const Script::Reply& reply) {
        if (m.at("method").as_string() != "initialize") return false;
        act(w, m, reply);
        return true;
    };
}

INSTANTIATE_TEST_SUITE_P(
    Ways, SeedChecklistRow20,
    ::testing::Values(Failure{"refused", [](World& w) { w.refuse_all(); }},
                      Failure{"ends_at_once",
                              [](World& w) {
                                  w.script->on_request = [&w](const json::object&, const Script::Reply&) {
                                      w.rt.loop->post([&w] { w.wire->die(); });
                                      return true;
                                  };
                              }},
                      Failure{"handshake_error",
                              [](World& w) {
                                  w.script->on_request = on_initialize(
                                      [](World&, const json::object& m, const Script::Reply& reply) {
                                          reply(Script::error(m, -32603, "no configuration"));
                                      },
                                      w);
                              }},
                      Failure{"handshake_nonsense",
                              [](World& w) {
                                  w.script->on_request = on_initialize(
                                      [](World&, const json::object& m, const Script::Reply& reply) {
                                          reply(Script::result(m, R"({"hello":1})"));
                                      },
                                      w);
                              }},
                      Failure{"silence", [](World& w) { w.wire->reads = false; }},
                      Failure{"slow_start", [](World& w) { w.wire->open_takes = 1min; }}),
    [](const auto& info) { return info.param.name; });

TEST(SeedChecklist, row_21_connect_when_connected_returns_the_same_client_and_opens_nothing) {
    World w;
    auto c = w.connection();
    auto first = w.run(c.connect());
    auto second = w.run(c.connect());
    EXPECT_EQ(first, second);
    EXPECT_EQ(w.wire->opened, 1);
}

TEST(SeedChecklist, row_22_concurrent_connects_share_one_handshake) {
    World w;
    w.wire->open_takes = 1s;
    auto c = w.connection();
    auto a = c.connect();
    w.advance(500ms);
    auto b = c.connect();
    auto first = w.run(std::move(a));
    auto second = w.run(std::move(b));
    EXPECT_EQ(first, second);
    EXPECT_EQ(w.wire->opened, 1);
    EXPECT_EQ(w.script->count("initialize"), 1);
}

TEST(SeedChecklist, row_23_disconnect_closes_everything_and_may_be_repeated) {
    World w;
    w.wire->close_takes = 2s;
    auto c = w.connection();
    w.run(c.disconnect());  // never connected: nothing to do
    EXPECT_EQ(w.wire->attempts, 0);
    auto client = w.run(c.connect());
    auto closing = c.disconnect();
    EXPECT_FALSE(c.is_connected());
    EXPECT_FALSE(closing.is_done());
    w.run(std::move(closing));
    EXPECT_EQ(w.wire->live, 0) << "disconnect ends when the server is gone";
    EXPECT_EQ(w.wire->closes.size(), 1U);
    EXPECT_THROW((void)c.get_client(), MCPConnectionError);
    EXPECT_FALSE(client->is_connected());
    w.run(c.disconnect());
    w.run(c.disconnect());
    EXPECT_EQ(w.wire->closes.size(), 1U);
    EXPECT_EQ(w.rt.loop->timers(), 0U);
}

TEST(SeedChecklist, row_24_a_deliberate_disconnect_is_never_undone) {
    for (const Duration into_backoff : {Duration(0s), Duration(400ms), Duration(5s)}) {
        World w;
        auto c = w.connection();
        w.run(c.connect());
        w.run(c.start_monitoring());
        w.refuse_all();
        w.wire->die();
        w.advance(into_backoff);
        w.run(c.disconnect());
        w.accept_again();
        const int attempts = w.wire->attempts;
        w.advance(1h);
        EXPECT_EQ(w.wire->attempts, attempts);
        EXPECT_EQ(c.status(), "disconnected");
    }
}

TEST(SeedChecklist, row_25_get_client_is_what_connect_returned_in_every_generation) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    EXPECT_EQ(c.get_client(), client);
    w.wire->die();
    w.advance(2s);
    EXPECT_EQ(c.get_client(), client);
}

TEST(SeedChecklist, row_26_get_client_raises_in_every_state_but_connected) {
    World w;
    auto c = w.connection();
    const auto refuses = [&](const char* phase) {
        EXPECT_EQ(c.get_info().metadata.at("phase").as_string(), phase);
        EXPECT_THROW((void)c.get_client(), MCPConnectionError) << phase;
    };
    refuses("idle");
    w.refuse_all();
    (void)w.result(c.connect());
    refuses("failed");
    w.accept_again();
    w.run(c.connect());
    EXPECT_NE(c.get_client(), nullptr);
    w.refuse_all();
    w.wire->die();
    refuses("backoff");
    w.advance(1h);
    refuses("exhausted");
    w.run(c.disconnect());
    refuses("idle");
}

}  // namespace
}  // namespace haive::mcp::testing
