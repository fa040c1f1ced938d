// Several servers at once: `status`, `tools` without a server, `call` by the name of a tool.
#include "cli/command.hpp"

#include <gtest/gtest.h>

using namespace cli_test;

namespace {

std::string entry(const std::string& switches, const std::string& options = {}) {
    return std::string(R"({"command": ")") + HAIVE_TEST_SERVER + R"(", "args": ["--quiet")" +
           (switches.empty() ? "" : ", " + switches) + "]" + (options.empty() ? "" : ", " + options) + "}";
}

/// One that is well, one whose program is not there, one that is at rest.
std::string mixed() {
    return R"({"mcpServers": {"fine": )" + entry("") + R"(, "gone": {"command": "/nonexistent/server"}, "resting": )" +
           entry("", R"("start": "lazy")") + "}}";
}

/// Two with tools of their own and one that both have.
std::string two() {
    return R"({"mcpServers": {"left": )" + entry(R"("left-folder")", R"("tools": ["args", "add"])") + R"(, "right": )" +
           entry(R"("right-folder")", R"("tools": ["args", "echo"])") + "}}";
}

std::string line_of(const std::string& out, std::string_view begin) {
    for (const auto& line : lines_of(out)) {
        if (line.starts_with(begin)) return line;
    }
    return {};
}

}  // namespace

TEST(CliStatus, one_line_a_server_the_worst_first) {
    const Folder folder;
    folder.write("mcp.json", mixed());
    const auto done = run({"status"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 3) << done;
    const auto lines = lines_of(done.out);
    ASSERT_EQ(lines.size(), 4u) << done;
    EXPECT_TRUE(lines[0].starts_with("SERVER")) << done;
    EXPECT_TRUE(lines[1].starts_with("gone ")) << done;
    EXPECT_TRUE(holds(lines[1], "error") && holds(lines[1], "there is no file '/nonexistent/server'")) << done;
    EXPECT_TRUE(lines[2].starts_with("fine ")) << done;
    EXPECT_TRUE(holds(lines[2], "connected") && holds(lines[2], "2026-07-28")) << done;
    EXPECT_TRUE(lines[3].starts_with("resting ") && holds(lines[3], "lazy: not asked")) << done;
    EXPECT_EQ(done.err, "");
}

TEST(CliStatus, all_well_is_0_and_quiet_leaves_the_header_out) {
    const Folder folder;
    folder.write("mcp.json", two());
    const auto done = run({"status", "-q"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(lines_of(done.out).size(), 2u) << done;
    const auto one = run({"status", "right"}, {.cwd = folder.path()});
    EXPECT_EQ(one.code, 0) << one;
    EXPECT_EQ(line_of(one.out, "left"), "") << one;
}

TEST(CliStatus, json_has_every_server_with_its_state) {
    const Folder folder;
    folder.write("mcp.json", mixed());
    const auto done = run({"status", "--json"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_EQ(done.json().at("connected"), 1) << done;
    const auto servers = done.json().at("servers").as_array();
    ASSERT_EQ(servers.size(), 3u) << done;
    EXPECT_EQ(servers[0].at("name"), "gone");
    EXPECT_EQ(servers[0].at("status"), "error");
    EXPECT_TRUE(holds(servers[0].at("last_error").as_string(), "/nonexistent/server")) << done;
    EXPECT_EQ(servers[1].at("name"), "fine");
    EXPECT_EQ(servers[1].at("status"), "connected");
    EXPECT_EQ(servers[1].at("health_score").to_number<double>(), 1.0);
    EXPECT_GT(servers[1].at("tools").to_number<int>(), 10);
    EXPECT_EQ(servers[1].at("catalogue"), "current");
    EXPECT_EQ(servers[2].at("start"), "lazy");
    EXPECT_EQ(servers[2].at("status"), "disconnected");
}

TEST(CliStatus, a_variable_that_is_not_set_takes_its_own_server_only) {
    const Folder folder;
    folder.write("mcp.json", R"({"mcpServers": {"fine": )" + entry("") + R"(,
        "search": {"url": "https://search.example/mcp",
                   "headers": {"Authorization": "Bearer ${HAIVE_NOT_SET}"}}}})");
    const auto done = run({"status"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_TRUE(holds(line_of(done.out, "fine"), "connected")) << done;
    const auto search = line_of(done.out, "search");
    EXPECT_TRUE(holds(search, "unusable") && holds(search, "HAIVE_NOT_SET is not set")) << done;
    EXPECT_TRUE(holds(search, "line 3, column 49")) << done;
    const auto as_json = run({"status", "--json"}, {.cwd = folder.path()});
    EXPECT_EQ(as_json.code, 3) << as_json;
    EXPECT_EQ(as_json.json().at("servers").at(0).at("name"), "search") << as_json;
    EXPECT_EQ(as_json.json().at("servers").at(0).at("unusable"), true) << as_json;
    const auto set = run({"servers"}, {.env = {{"HAIVE_NOT_SET", "x"}}, .cwd = folder.path()});
    EXPECT_TRUE(holds(set.out, "https://search.example/mcp")) << set;
}

TEST(CliTools, without_a_server_those_of_all_under_names_that_are_unique) {
    const Folder folder;
    folder.write("mcp.json", two());
    const auto done = run({"tools"}, {.cwd = folder.path()});
    ASSERT_EQ(done.code, 0) << done;
    for (const char* name : {"add ", "echo ", "left__args ", "right__args "}) {
        EXPECT_NE(line_of(done.out, name), "") << name << done;
    }
    EXPECT_EQ(line_of(done.out, "args "), "") << done;
    EXPECT_TRUE(holds(done.out, "from right; arguments: text (string, required)")) << done;
    const auto as_json = run({"tools", "--json"}, {.cwd = folder.path()});
    ASSERT_EQ(as_json.json().at("tools").as_array().size(), 4u) << as_json;
    EXPECT_EQ(as_json.json().at("servers").as_array().size(), 2u) << as_json;
    for (const auto& tool : as_json.json().at("tools").as_array()) {
        if (tool.at("name") == "add") {
            EXPECT_EQ(tool.at("server"), "left");
        }
    }
}

TEST(CliTools, a_server_that_is_away_is_said_and_the_others_are_listed) {
    const Folder folder;
    folder.write("mcp.json", mixed());
    const auto done = run({"tools"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_NE(line_of(done.out, "echo "), "") << done;
    EXPECT_TRUE(holds(done.err, "without the tools of gone: ")) << done;
    EXPECT_FALSE(holds(done.err, "resting")) << done;
}

TEST(CliCallByTool, it_goes_to_the_server_that_offers_it) {
    const Folder folder;
    folder.write("mcp.json", two());
    EXPECT_EQ(run({"call", "echo", "text=hi"}, {.cwd = folder.path()}).out, "hi\n");
    EXPECT_EQ(run({"call", "add", "a=40", "b=2"}, {.cwd = folder.path()}).out, "42\n");
    for (const std::string server : {"left", "right"}) {
        const auto done = run({"call", server + "__args"}, {.cwd = folder.path()});
        EXPECT_EQ(done.code, 0) << done;
        EXPECT_TRUE(holds(done.out, server + "-folder")) << done;
    }
}

TEST(CliCallByTool, an_unknown_one_names_the_nearest) {
    const Folder folder;
    folder.write("mcp.json", two());
    const auto near = run({"call", "ehco", "text=hi"}, {.cwd = folder.path()});
    EXPECT_EQ(near.code, 2) << near;
    EXPECT_TRUE(holds(near.err, "no server offers a tool 'ehco'")) << near;
    EXPECT_TRUE(holds(near.err, "did you mean echo")) << near;
    const auto shared = run({"call", "args"}, {.cwd = folder.path()});
    EXPECT_EQ(shared.code, 2) << shared;
    EXPECT_TRUE(holds(shared.err, "did you mean left__args, right__args")) << shared;
    const auto far = run({"call", "entirely_else"}, {.cwd = folder.path()});
    EXPECT_EQ(far.code, 2) << far;
    EXPECT_TRUE(holds(far.err, "`haive-mcp tools` lists them")) << far;
}

TEST(CliCallByTool, a_server_that_is_away_does_not_hold_it_up) {
    const Folder folder;
    folder.write("mcp.json",
                 R"({"mcpServers": {"mute": )" + entry(R"("--hang-at-start")") + R"(, "fine": )" + entry("") + "}}");
    const auto done = run({"call", "echo", "text=hi"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, "hi\n");
}
