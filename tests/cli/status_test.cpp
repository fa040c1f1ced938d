// `status`: how all servers are, once, and why those are bad that are.
#include "cli/command.hpp"

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>

using namespace cli_test;

namespace {

std::string hostile(const char* name, const char* switches) {
    return std::string("\"") + name + R"(": {"command": ")" HAIVE_TEST_SERVER R"(", "args": ["--quiet", )" + switches +
           R"(], "max_reconnect_attempts": -1})";
}

std::string hostile_fleet() {
    return config_of({"good", "other"}, "{" + hostile("silent", R"("--hang-at-start")") + "," +
                                            hostile("looping", R"("--die-after-handshake")") + "," +
                                            hostile("flooding", R"("--notify-flood", "60000")") + "," +
                                            R"("missing": {"command": "no-such-command-anywhere"}})");
}

std::string row_of(const std::string& table, const std::string& server) {
    for (const auto& line : lines_of(table)) {
        if (line.starts_with(server + " ")) return line;
    }
    return {};
}

}  // namespace

TEST(CliStatus, four_hostile_servers_are_told_apart_with_the_reason) {
    const Folder folder;
    folder.write("mcp.json", hostile_fleet());
    const auto done = run({"status", "--timeout", "8s"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_TRUE(holds(row_of(done.out, "good"), "connected")) << done;
    EXPECT_TRUE(holds(row_of(done.out, "other"), "connected")) << done;
    EXPECT_TRUE(holds(row_of(done.out, "missing"), "error")) << done;
    EXPECT_TRUE(holds(row_of(done.out, "missing"), "no-such-command-anywhere")) << done;
    EXPECT_TRUE(holds(row_of(done.out, "silent"), "connecting")) << done;
    // `--timeout` limits its attempt as well: "has not answered yet" and "no answer" are a race.
    EXPECT_TRUE(holds(row_of(done.out, "silent"), "answer")) << done;
    EXPECT_TRUE(holds(row_of(done.out, "flooding"), "connected")) << done;
    EXPECT_TRUE(holds(row_of(done.out, "flooding"), "it floods us")) << done;
    // Between two deaths it may be up for a moment: then its losses are what is wrong with it.
    const auto looping = row_of(done.out, "looping");
    EXPECT_TRUE(holds(looping, "exit code 1") || holds(looping, "times")) << done;
}

TEST(CliStatus, is_an_object_a_server_for_programs) {
    const Folder folder;
    folder.write("mcp.json", config_of({"good"}, R"({"missing": {"command": "no-such-command-anywhere"}})"));
    const auto done = run({"status", "--json"}, {.cwd = folder.path()});
    const auto status = done.json();
    EXPECT_EQ(status.at("connected"), 1) << done;
    const auto& servers = status.at("servers").as_array();
    ASSERT_EQ(servers.size(), 2U) << done;
    EXPECT_EQ(servers[0].at("name"), "missing") << "the one in trouble first";
    EXPECT_TRUE(holds(servers[0].at("last_error").as_string(), "no-such-command-anywhere")) << done;
    EXPECT_EQ(servers[1].at("status"), "connected") << done;
}
