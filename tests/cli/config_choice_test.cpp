// Which configuration is read, which servers it names, and what is said about its mistakes.
#include "cli/command.hpp"

#include <gtest/gtest.h>

using namespace cli_test;

TEST(CliConfig, mcp_json_in_this_folder_is_read_first_then_the_users) {
    const Folder folder, home;
    home.write("haive-mcp/mcp.json", config_of({"users"}));
    const cli_test::Setup setup{.env = {{"XDG_CONFIG_HOME", home.path()}}, .cwd = folder.path()};
    EXPECT_EQ(run({"servers", "-q"}, setup).out, "users\n");
    folder.write("mcp.json", config_of({"local"}));
    EXPECT_EQ(run({"servers", "-q"}, setup).out, "local\n");
}

TEST(CliConfig, without_xdg_the_users_folder_is_dot_config_in_home) {
    const Folder home;
    home.write(".config/haive-mcp/mcp.json", config_of({"homely"}));
    EXPECT_EQ(run({"servers", "-q"}, {.env = {{"HOME", home.path()}}}).out, "homely\n");
    EXPECT_EQ(run({"servers", "-q"}, {.env = {{"HOME", home.path()}, {"XDG_CONFIG_HOME", ""}}}).out, "homely\n");
}

TEST(CliConfig, a_named_file_wins_over_both) {
    const Folder folder;
    folder.write("mcp.json", config_of({"local"}));
    const auto other = folder.write("other.json", config_of({"other"}));
    EXPECT_EQ(run({"servers", "-q", "--config", other}, {.cwd = folder.path()}).out, "other\n");
    EXPECT_EQ(run({"--config", other, "servers", "-q"}, {.cwd = folder.path()}).out, "other\n")
        << "options may come first";
}

TEST(CliConfig, no_configuration_at_all_says_what_to_do) {
    const auto done = run({"tools", "files"});
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "there is no configuration")) << done;
    EXPECT_TRUE(holds(done.err, "--config")) << done;
    const auto missing = run({"tools", "files", "--config", "/nonexistent/mcp.json"});
    EXPECT_EQ(missing.code, 2) << missing;
    EXPECT_TRUE(holds(missing.err, "/nonexistent/mcp.json")) << missing;
    EXPECT_TRUE(holds(missing.err, "No such file")) << missing;
}

TEST(CliConfig, a_folder_or_an_empty_file_is_no_configuration) {
    const Folder folder;
    const auto of_folder = run({"servers", "--config", folder.path()});
    EXPECT_EQ(of_folder.code, 2) << of_folder;
    EXPECT_TRUE(holds(of_folder.err, "directory")) << of_folder;
    const auto of_empty = run({"servers", "--config", folder.write("empty.json", "")});
    EXPECT_EQ(of_empty.code, 2) << of_empty;
    EXPECT_TRUE(holds(of_empty.err, "empty")) << of_empty;
}

TEST(CliConfig, a_server_is_used_by_its_name) {
    const Folder folder;
    folder.write("mcp.json", config_of({"files"}));
    EXPECT_EQ(run({"call", "files", "echo", "text=hi"}, {.cwd = folder.path()}).out, "hi\n");
}

TEST(CliConfig, an_unknown_name_lists_the_names_and_the_nearest) {
    const Folder folder;
    folder.write("mcp.json", config_of({"files", "mail"}));
    const auto done = run({"tools", "fils"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "'fils' is not in mcp.json (it has: files, mail)")) << done;
    EXPECT_TRUE(holds(done.err, "did you mean 'files'?")) << done;
    EXPECT_EQ(done.out, "");
    EXPECT_FALSE(holds(run({"tools", "nope"}, {.cwd = folder.path()}).err, "did you mean")) << "nothing is near";
}

TEST(CliConfig, no_server_at_all_is_misuse) {
    for (const char* command : {"resources", "prompts", "call", "read", "prompt", "health", "explain", "bench"}) {
        const auto done = run({command});
        EXPECT_EQ(done.code, 2) << command << "\n" << done;
        EXPECT_TRUE(holds(done.err, "which server?")) << done;
    }
}

TEST(CliConfig, a_url_where_nobody_listens_cannot_be_connected) {
    for (const char* url : {"http://127.0.0.1:1/mcp?key=secret", "ws://127.0.0.1:1/", "tcp://127.0.0.1:1",
                            "unix:/nonexistent/server.sock"}) {
        const auto done = run({"tools", url});
        EXPECT_EQ(done.code, 3) << url << "\n" << done;
        EXPECT_FALSE(holds(done.err, "secret")) << done;
    }
    const Folder folder;
    folder.write("mcp.json", R"({"mcpServers": {"far": {"url": "http://127.0.0.1:1/mcp"}}})");
    const auto named = run({"tools", "far"}, {.cwd = folder.path()});
    EXPECT_EQ(named.code, 3) << named;
    EXPECT_TRUE(holds(named.err, "http://127.0.0.1:1/mcp")) << named;
}

TEST(CliConfig, a_url_that_is_none_is_misuse) {
    for (const char* url : {"tcp://127.0.0.1", "tcp://:80", "unix:"}) {
        const auto done = run({"tools", url});
        EXPECT_EQ(done.code, 2) << url << "\n" << done;
    }
    const auto header = run({"tools", "http://127.0.0.1:1/", "--header", "no colon"});
    EXPECT_EQ(header.code, 2) << header;
}

TEST(CliConfig, a_disabled_server_can_be_used_by_name) {
    const Folder folder;
    folder.write("mcp.json", R"({"mcpServers": {"off": {"command": ")" HAIVE_TEST_SERVER R"(", "disabled": true}}})");
    EXPECT_EQ(run({"call", "off", "echo", "text=hi"}, {.cwd = folder.path()}).out, "hi\n");
}

TEST(CliConfig, variables_are_filled_in) {
    const Folder folder;
    folder.write("mcp.json", R"({"mcpServers": {"s": {"command": "${SERVER}", "args": ["--quiet"],
                                                      "env": {"FRUIT": "${FRUIT:-plum}"}}}})");
    cli_test::Setup setup{.env = {{"SERVER", HAIVE_TEST_SERVER}}, .cwd = folder.path()};
    EXPECT_EQ(run({"call", "s", "env", "name=FRUIT"}, setup).out, "plum\n");
    setup.env["FRUIT"] = "pear";
    EXPECT_EQ(run({"call", "s", "env", "name=FRUIT"}, setup).out, "pear\n");
    setup.env.erase("SERVER");
    const auto unset = run({"tools", "s"}, setup);
    EXPECT_EQ(unset.code, 2) << unset;
    EXPECT_TRUE(holds(unset.err, "server 's': the environment variable SERVER is not set (command, line 1, column 34)"))
        << unset;
}

TEST(CliConfig, broken_json_is_shown_with_file_line_and_column) {
    const Folder folder;
    folder.write("mcp.json", "{\n  \"mcpServers\": {\n    \"a\": {\"command\": nope}\n  }\n}\n");
    const auto done = run({"servers"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "mcp.json: line 3, column 22: ")) << done;
}

TEST(CliConfig, comments_and_trailing_commas_are_welcome) {
    const Folder folder;
    folder.write("mcp.json", "// mine\n{\"mcpServers\": {\"a\": {\"command\": \"x\",},},}\n");
    EXPECT_EQ(run({"servers", "-q"}, {.cwd = folder.path()}).out, "a\n");
}

TEST(CliConfig, unknown_keys_are_warned_about_on_stderr_and_quiet_hides_it) {
    const Folder folder;
    folder.write("mcp.json", config_of({}, R"({"a": {"command": "x", "colour": "y"}})"));
    const auto done = run({"servers"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_TRUE(holds(done.err, ": server 'a': unknown key 'colour' is ignored")) << done;
    EXPECT_EQ(run({"servers", "-q"}, {.cwd = folder.path()}).err, "");
}

TEST(CliConfig, parameters_of_an_entry_count) {
    const Folder folder;
    folder.write("mcp.json",
                 config_of({}, R"({"slow": {"command": ")" HAIVE_TEST_SERVER
                               R"(", "args": ["--quiet", "--hang-at-start"], "connection_timeout": 0.4}})"));
    const auto done = run({"tools", "slow"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 4) << done;
    EXPECT_LT(done.seconds, 10);
}
