// `tools`, `resources`, `prompts`, `servers`: what there is.
#include "cli/command.hpp"

#include <gtest/gtest.h>

#include <filesystem>

using namespace cli_test;

TEST(CliList, tools_are_a_table_of_names_descriptions_and_arguments) {
    const auto done = run(on_server({"tools"}));
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.err, "");
    const auto lines = lines_of(done.out);
    ASSERT_GE(lines.size(), 4u);
    EXPECT_TRUE(lines[0].starts_with("add ")) << done;
    EXPECT_TRUE(holds(done.out, "arguments: a (number, required), b (number, required)")) << done;
    EXPECT_FALSE(holds(done.out, "\x1b")) << "colours without a terminal";
}

TEST(CliList, columns_of_the_table_line_up) {
    const auto done = run(on_server({"tools"}));
    const auto lines = lines_of(done.out);
    ASSERT_FALSE(lines.empty());
    const auto column = lines[1].find("arguments:");
    for (const auto& line : lines) {
        if (line.starts_with(' ')) {
            EXPECT_EQ(line.find_first_not_of(' '), column) << line;
        } else {
            EXPECT_EQ(line.substr(column - 2, 2), "  ") << line;
        }
    }
}

TEST(CliList, quiet_tools_are_one_line_a_tool) {
    const auto done = run(on_server({"tools", "--quiet"}));
    EXPECT_EQ(done.code, 0);
    EXPECT_FALSE(holds(done.out, "arguments:")) << done;
}

TEST(CliList, tools_as_json_are_what_the_server_sent) {
    const auto done = run(on_server({"tools", "--json"}));
    ASSERT_EQ(done.code, 0) << done;
    const auto tools = done.json().at("tools").as_array();
    ASSERT_FALSE(tools.empty());
    EXPECT_TRUE(tools[0].as_object().contains("inputSchema"));
    EXPECT_EQ(tools[0].at("outputSchema").at("properties").at("sum").at("type"), "number");
}

TEST(CliList, all_pages_of_a_long_list_are_shown) {
    const auto done = run(on_server({"tools", "--json"}, {"--tools", "95", "--page", "10"}));
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_GT(done.json().at("tools").as_array().size(), 100u);
}

TEST(CliList, resources_and_their_templates) {
    const auto done = run(on_server({"resources"}));
    ASSERT_EQ(done.code, 0) << done;
    for (const char* uri : {"test://text", "test://blob", "test://item/{id}"})
        EXPECT_TRUE(holds(done.out, uri)) << done;
}

TEST(CliList, resources_as_json_are_one_document) {
    const auto done = run(on_server({"resources", "--json"}));
    ASSERT_EQ(done.code, 0) << done;
    ASSERT_TRUE(done.json().is_object()) << done;
    EXPECT_EQ(done.json().at("resources").as_array().size(), 2u);
    EXPECT_EQ(done.json().at("resourceTemplates").as_array().size(), 1u);
}

TEST(CliList, prompts_with_their_arguments) {
    const auto done = run(on_server({"prompts"}));
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_TRUE(holds(done.out, "greet")) << done;
    EXPECT_TRUE(holds(done.out, "name (required)")) << done;
    const auto json = run(on_server({"prompts", "--json"}));
    EXPECT_EQ(json.json().at("prompts").as_array().size(), 2u) << json;
}

TEST(CliList, a_list_takes_one_server_and_nothing_more) {
    const auto done = run(on_server({"tools", "surplus"}));
    EXPECT_EQ(done.code, 2);
    EXPECT_TRUE(holds(done.err, "unexpected 'surplus'")) << done;
    EXPECT_EQ(done.out, "");
}

TEST(CliList, what_servers_offered_is_kept_apart_for_each_configuration) {
    const Folder cache, one, two;
    const std::map<std::string, std::string> env{{"XDG_CACHE_HOME", cache.path()}};
    const auto kept = [&] {
        std::vector<std::string> out;
        std::error_code none;
        for (const auto& file : std::filesystem::directory_iterator(cache.path("haive-mcp"), none)) {
            out.push_back(file.path().filename().string());
        }
        return out;
    };
    one.write("mcp.json", config_of({"s", "t"}));
    two.write("mcp.json", config_of({"s", "t"}));
    EXPECT_EQ(run({"tools", "s"}, {.env = env, .cwd = one.path()}).code, 0);
    EXPECT_TRUE(kept().empty()) << "of some servers only: what is known of the others is to stay";
    EXPECT_EQ(run({"tools"}, {.env = env, .cwd = one.path()}).code, 0);
    EXPECT_EQ(kept().size(), 1u);
    EXPECT_EQ(run({"status"}, {.env = env, .cwd = two.path()}).code, 0);
    EXPECT_EQ(kept().size(), 2u);
    EXPECT_EQ(run({"tools", "--config", one.path("mcp.json")}, {.env = env}).code, 0);
    EXPECT_EQ(kept().size(), 2u) << "the same file by another way";
}

TEST(CliList, servers_are_listed_from_the_configuration_without_starting_them) {
    const Folder folder;
    folder.write("mcp.json", config_of({"one"}, R"({"off": {"command": "nope", "disabled": true},
                                                    "far": {"url": "https://example.org/mcp"}})"));
    const auto done = run({"servers"}, {.cwd = folder.path()});
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_TRUE(holds(done.out, "one")) << done;
    EXPECT_TRUE(holds(done.out, "disabled")) << done;
    EXPECT_TRUE(holds(done.out, "https://example.org/mcp")) << done;
    EXPECT_EQ(run({"servers", "--quiet"}, {.cwd = folder.path()}).out, "one\noff\nfar\n");
}

TEST(CliList, servers_as_json) {
    const Folder folder;
    folder.write("mcp.json", config_of({"one"}, R"({"off": {"command": "nope", "disabled": true},
                                                    "far": {"url": "https://example.org/mcp"},
                                                    "bad": {"url": "gopher://example.org"}})"));
    const auto done = run({"servers", "--json"}, {.cwd = folder.path()});
    ASSERT_EQ(done.code, 0) << done;
    const auto servers = done.json().at("servers").as_array();
    ASSERT_EQ(servers.size(), 4u) << done;
    EXPECT_EQ(servers[0].at("name"), "one");
    EXPECT_TRUE(holds(servers[0].at("command").as_string(), "haive-mcp-server"));
    EXPECT_EQ(servers[0].at("disabled"), false);
    EXPECT_EQ(servers[1].at("disabled"), true);
    EXPECT_EQ(servers[2].at("url"), "https://example.org/mcp");
    EXPECT_TRUE(holds(servers[3].at("unusable").as_string(), "gopher"));
}

TEST(CliList, servers_takes_no_operands) {
    const Folder folder;
    folder.write("mcp.json", config_of({"one"}));
    EXPECT_EQ(run({"servers", "one"}, {.cwd = folder.path()}).code, 2);
}
