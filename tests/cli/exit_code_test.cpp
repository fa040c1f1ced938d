// What the command promises to scripts: its exit codes, and what they come with.
#include "cli/command.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <csignal>

using namespace cli_test;

TEST(CliExitCode, zero_is_success) { EXPECT_EQ(run(on_server({"tools"})).code, 0); }

TEST(CliExitCode, one_is_a_tools_own_error) { EXPECT_EQ(run(on_server({"call", "fail"})).code, 1); }

TEST(CliExitCode, two_is_misuse) {
    for (const Words& words :
         {Words{}, Words{"frobnicate"}, Words{"tools", "--bogus"}, Words{"tools", "--era", "stone"},
          Words{"tools", "--timeout", "soon"}, Words{"tools", "--log", "loud"}, Words{"tools", "--"},
          Words{"completions"}, Words{"completions", "tcsh"}, Words{"tools", "--", ""}, Words{"version", "surplus"},
          Words{"demo", "surplus"}}) {
        const auto done = run(words);
        EXPECT_EQ(done.code, 2) << (words.empty() ? "" : words[0]) << "\n" << done;
        EXPECT_EQ(done.out, "") << done;
        EXPECT_TRUE(done.err.starts_with("haive-mcp: ")) << done;
    }
}

TEST(CliExitCode, three_is_a_server_that_cannot_be_started) {
    const auto done = run({"tools", "--", "no-such-program-anywhere"});
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_TRUE(holds(done.err, "'no-such-program-anywhere' not found")) << done;
    EXPECT_TRUE(holds(done.err, "/usr/bin:/bin")) << "the searched path\n" << done;
    EXPECT_LT(done.seconds, 5) << "no retry mends it";
}

TEST(CliExitCode, three_is_a_server_that_dies_at_its_start_and_its_last_words_are_shown) {
    const auto done = run({"tools", "--", "/bin/sh", "-c", "echo 'cannot open the vault' >&2; exit 7"});
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_TRUE(holds(done.err, "exit code 7")) << done;
    EXPECT_TRUE(holds(done.err, "cannot open the vault")) << done;
    EXPECT_EQ(done.out, "");
}

TEST(CliExitCode, three_is_a_server_that_dies_under_a_call) {
    const auto done = run(on_server({"call", "crash"}));
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_TRUE(holds(done.err, "SIGABRT")) << done;
    const auto json = run(on_server({"call", "exit", "code=3", "--json"}));
    EXPECT_EQ(json.code, 3) << json;
    EXPECT_EQ(boost::json::parse(json.err).at("disposition"), "maybe_executed") << json;
}

TEST(CliExitCode, four_is_a_timeout) {
    const auto call = run(on_server({"call", "sleep", "ms=20000", "--timeout", "300ms"}));
    EXPECT_EQ(call.code, 4) << call;
    EXPECT_LT(call.seconds, 10);
    const auto start = run(on_server({"tools", "--timeout", "0.5"}, {"--hang-at-start"}));
    EXPECT_EQ(start.code, 4) << start;
    EXPECT_LT(start.seconds, 10);
}

TEST(CliExitCode, five_is_a_peer_that_breaks_the_protocol_or_refuses) {
    EXPECT_EQ(run(on_server({"call", "error"})).code, 5);
    const auto era = run(on_server({"tools", "--era", "modern"}, {"--era", "legacy"}));
    EXPECT_EQ(era.code, 5) << era;
}

TEST(CliExitCode, interrupted_is_130_and_the_server_is_gone) {
    Command call({"call", "progress", "steps=2000", "ms=50", "--", HAIVE_TEST_SERVER, "--quiet", "--spawn-child"},
                 {.tty = Tty::err});
    ASSERT_TRUE(call.wait_for("/2000"));
    call.signal(SIGINT);
    const auto done = call.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_LT(done.seconds, 10);
}

TEST(CliExitCode, interrupted_monitors_close_every_server_in_order) {
    const Folder folder;
    folder.write("mcp.json", config_of({"one", "two", "three"}));
    Command monitor({"monitor", "--json"}, {.cwd = folder.path()});
    const auto connected = [&] {
        std::map<std::string, long> pids;
        for (const auto& line : lines_of(monitor.out().substr(0, monitor.out().rfind('\n') + 1))) {
            const auto event = boost::json::parse(line).as_object();
            if (event.at("event") != "status" || event.at("to") != "connected") continue;
            pids[std::string(event.at("server").as_string())] = event.at("pid").to_number<long>();
        }
        return pids;
    };
    for (const char* name : {"one", "two", "three"}) {
        ASSERT_TRUE(monitor.wait_for(std::string("\"server\":\"") + name +
                                     "\",\"event\":\"status\",\"from\":\"connecting\",\"to\":\"connected\""));
    }
    const auto pids = connected();
    ASSERT_EQ(pids.size(), 3u);
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_EQ(done.err, "");
    for (const auto& [name, pid] : pids) EXPECT_TRUE(is_gone(pid)) << name;
}

TEST(CliExitCode, sigterm_is_as_orderly_as_ctrl_c) {
    Command monitor(on_server({"monitor", "--json"}));
    ASSERT_TRUE(monitor.wait_for("\"to\":\"connected\""));
    monitor.signal(SIGTERM);
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_TRUE(holds(done.out, "\"to\":\"disconnected\"")) << done;
}

TEST(CliExitCode, an_interrupt_while_connecting_ends_at_once) {
    Command tools(on_server({"tools", "--log", "debug"}, {"--hang-at-start"}));
    ASSERT_TRUE(tools.wait_for("connecting"));
    tools.signal(SIGINT);
    const auto done = tools.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_LT(done.seconds, 10);
}

TEST(CliExitCode, a_killed_command_leaves_no_server_behind) {
    Command monitor(on_server({"monitor", "--json"}));
    ASSERT_TRUE(monitor.wait_for("\"to\":\"connected\""));
    const auto last = lines_of(monitor.out());
    long pid = 0;
    for (const auto& line : last) {
        if (holds(line, "\"to\":\"connected\"")) pid = boost::json::parse(line).at("pid").to_number<long>();
    }
    ASSERT_GT(pid, 0);
    monitor.signal(SIGKILL);
    EXPECT_EQ(monitor.finish().code, 128 + SIGKILL);
    EXPECT_TRUE(is_gone(pid));
}
