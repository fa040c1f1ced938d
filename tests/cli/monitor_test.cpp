// `monitor`: servers kept alive, and one event a line for scripts.
#include "cli/command.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <regex>

using namespace cli_test;

namespace {

/// The first status event of `server` that goes `to`, among whole lines.
std::optional<boost::json::object> status_to(const std::string& out, std::string_view server, std::string_view to) {
    for (const auto& line : lines_of(out.substr(0, out.rfind('\n') + 1))) {
        auto event = boost::json::parse(line).as_object();
        if (event.at("event") != "status" || event.at("server").as_string() != server) continue;
        if (event.at("to").as_string() == to) return event;
    }
    return std::nullopt;
}

/// Reads until `server` has gone from connecting to `to`.
bool goes(Command& monitor, const std::string& server, const std::string& to) {
    return monitor.wait_for("\"server\":\"" + server + R"(","event":"status","from":"connecting","to":")" + to);
}

}  // namespace

TEST(CliMonitor, events_have_the_fields_of_the_contract) {
    Command monitor(on_server({"monitor", "--interval", "200ms", "--json"}));
    EXPECT_TRUE(monitor.wait_for("\"event\":\"health\""));
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    ASSERT_EQ(done.code, 130) << done;
    EXPECT_EQ(done.err, "");
    const std::regex rfc3339(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
    bool connected = false, healthy = false, disconnected = false;
    for (const auto& event : done.json_lines()) {
        EXPECT_TRUE(std::regex_match(std::string(event.at("time").as_string()), rfc3339));
        EXPECT_EQ(event.at("server"), "haive-mcp-server");
        if (event.at("event") == "status") {
            for (const char* key : {"from", "to", "phase", "generation", "reason", "attempt", "next_attempt_in"}) {
                EXPECT_TRUE(event.contains(key)) << key;
            }
            connected |= event.at("to") == "connected" && event.at("pid").to_number<long>() > 0;
            disconnected |= event.at("to") == "disconnected";
        } else if (event.at("event") == "health") {
            healthy |= event.at("score").to_number<double>() > 0.9;
        }
    }
    EXPECT_TRUE(connected && healthy && disconnected) << done;
}

TEST(CliMonitor, without_a_terminal_changes_are_lines_of_text) {
    Command monitor(on_server({"monitor"}));
    EXPECT_TRUE(monitor.wait_for("haive-mcp-server: connecting -> connected"));
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    EXPECT_FALSE(holds(done.out, "\x1b")) << done;
}

TEST(CliMonitor, a_killed_server_comes_back_and_every_step_is_told) {
    Command monitor(on_server({"monitor", "--json"}));
    ASSERT_TRUE(monitor.wait_for("\"to\":\"connected\""));
    const auto first = status_to(monitor.out(), "haive-mcp-server", "connected");
    ASSERT_TRUE(first);
    kill(static_cast<pid_t>(first->at("pid").to_number<long>()), SIGKILL);
    ASSERT_TRUE(monitor.wait_for("\"generation\":2"));
    ASSERT_TRUE(monitor.wait_for("session_replaced"));
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 130) << done;
    const auto lost = status_to(done.out, "haive-mcp-server", "reconnecting");
    ASSERT_TRUE(lost) << done;
    EXPECT_EQ(lost->at("from"), "connected");
    EXPECT_TRUE(holds(lost->at("reason").as_string(), "SIGKILL")) << done;
    EXPECT_FALSE(lost->at("next_attempt_in").is_null()) << done;
}

TEST(CliMonitor, a_reader_that_left_ends_it) {
    Command monitor(on_server({"monitor", "--json", "--interval", "50ms"}));
    ASSERT_TRUE(monitor.wait_for("\"to\":\"connected\""));
    const auto up = status_to(monitor.out(), "haive-mcp-server", "connected");
    monitor.stop_reading();
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.err, "");
    ASSERT_TRUE(up);
    EXPECT_TRUE(is_gone(up->at("pid").to_number<long>()));
}

TEST(CliMonitor, every_server_that_is_not_disabled_is_watched) {
    const Folder folder;
    folder.write("mcp.json", config_of({"one", "two"}, R"({"off": {"command": "/nonexistent", "disabled": true},
                                                           "far": {"url": "gopher://example.org"}})"));
    Command monitor({"monitor", "--json"}, {.cwd = folder.path()});
    EXPECT_TRUE(goes(monitor, "one", "connected"));
    EXPECT_TRUE(goes(monitor, "two", "connected"));
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_FALSE(holds(done.out, "\"off\"")) << done;
    EXPECT_TRUE(holds(done.err, "far")) << "said, not dropped in silence\n" << done;
}

TEST(CliMonitor, servers_can_be_named_disabled_ones_too) {
    const Folder folder;
    folder.write("mcp.json", config_of({"one", "two"}, R"({"off": {"command": ")" HAIVE_TEST_SERVER
                                                       R"(", "args": ["--quiet"], "disabled": true}})"));
    Command monitor({"monitor", "off", "two", "--json"}, {.cwd = folder.path()});
    EXPECT_TRUE(goes(monitor, "off", "connected"));
    EXPECT_TRUE(goes(monitor, "two", "connected"));
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_FALSE(holds(done.out, "\"one\"")) << done;
}

TEST(CliMonitor, a_server_that_never_starts_does_not_end_the_watch_over_the_others) {
    const Folder folder;
    folder.write("mcp.json", config_of({"good"}, R"({"bad": {"command": "/nonexistent/server"}})"));
    Command monitor({"monitor", "--json"}, {.cwd = folder.path()});
    EXPECT_TRUE(goes(monitor, "good", "connected"));
    EXPECT_TRUE(goes(monitor, "bad", "error"));
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 130) << done;
    const auto failed = status_to(done.out, "bad", "error");
    ASSERT_TRUE(failed) << done;
    EXPECT_TRUE(holds(failed->at("reason").as_string(), "/nonexistent/server"));
}

TEST(CliMonitor, nothing_to_watch_is_a_mistake) {
    const Folder folder;
    folder.write("mcp.json", config_of({}));
    const auto done = run({"monitor", "--for", "1s"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "mcp.json")) << done;
}
