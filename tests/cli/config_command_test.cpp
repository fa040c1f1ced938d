// `haive-mcp config`: check, show, schema, import.
#include "cli/command.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace cli_test;

namespace {

constexpr const char* two_servers = R"({
  // ours
  "defaults": {"jitter": 0.25},
  "mcpServers": {
    "files": {"command": "x", "args": ["--token", "hunter2-secret"], "env": {"KEY": "hunter2"}},
    "later": {"command": "y", "disabled": true}
  }
})";

}  // namespace

TEST(CliConfigCheck, a_good_file_is_said_to_be_good) {
    const Folder folder;
    const auto file = folder.write("mcp.json", two_servers);
    for (const Words& words : {Words{"config", "check"}, Words{"config", "check", file}}) {
        const auto done = run(words, {.cwd = folder.path()});
        EXPECT_EQ(done.code, 0) << done;
        EXPECT_TRUE(holds(done.out, "2 servers, no mistakes")) << done;
        EXPECT_TRUE(holds(done.out, "later  disabled, left out")) << done;
    }
    EXPECT_EQ(run({"config", "check", "-q"}, {.cwd = folder.path()}).out, "");
}

TEST(CliConfigCheck, a_mistake_ends_with_2_and_its_place) {
    const Folder folder;
    const auto file =
        folder.write("a.json", "{\"mcpServers\": {\"a\": {\"command\": \"x\",\n  \"reconect_delay\": 1}}}");
    const auto done = run({"config", "check", file});
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, file + ": line 2, column 3: server 'a': unknown key 'reconect_delay'")) << done;
    EXPECT_TRUE(holds(done.err, "did you mean 'reconnect_delay'?")) << done;
    const auto as_json = run({"config", "check", file, "--json"});
    EXPECT_EQ(as_json.code, 2) << as_json;
    EXPECT_FALSE(as_json.json().at("ok").as_bool());
    EXPECT_TRUE(holds(as_json.json().at("mend").as_string().c_str(), "reconnect_delay"));
}

TEST(CliConfigCheck, a_server_that_cannot_be_used_is_a_mistake_too) {
    const Folder folder;
    folder.write("mcp.json", R"({"mcpServers": {"a": {"url": "gopher://h"}, "b": {"command": "x", "colour": 1}}})");
    const auto done = run({"config", "check"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.out, "cannot be used")) << done;
    EXPECT_TRUE(holds(done.out, "unknown key 'colour' is ignored")) << done;
    EXPECT_EQ(run({"config", "check", "/nonexistent.json"}).code, 2);
}

TEST(CliConfigShow, options_come_with_their_origin_and_secrets_are_masked) {
    const Folder folder;
    folder.write("mcp.json", two_servers);
    const auto done = run({"config", "show", "files"}, {.cwd = folder.path()});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_TRUE(holds(done.out, "defaults, line 3")) << done;
    EXPECT_TRUE(holds(done.out, "env.KEY")) << done;
    EXPECT_FALSE(holds(done.out, "later")) << done;
    const auto all = run({"config", "show", "--json"}, {.cwd = folder.path()});
    const auto document = all.json();
    const auto& servers = document.at("servers").as_array();
    ASSERT_EQ(servers.size(), 2u);
    EXPECT_EQ(servers[0].at("options").at("jitter").at("value").to_number<double>(), 0.25);
    EXPECT_EQ(servers[0].at("options").at("jitter").at("from").as_string(), "defaults, line 3");
    EXPECT_EQ(servers[0].at("options").at("start").at("from").as_string(), "built in");
    EXPECT_FALSE(holds(done.out + all.out, "hunter2")) << done << all;
    EXPECT_EQ(run({"config", "show", "fils"}, {.cwd = folder.path()}).code, 2);
}

TEST(CliConfigSchema, it_is_printed) {
    const auto done = run({"config", "schema"});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.json().at("$schema").as_string(), "https://json-schema.org/draft/2020-12/schema");
}

TEST(CliConfigImport, the_files_of_other_programs_are_listed) {
    const Folder home, project;
    home.write(".cursor/mcp.json", R"({"mcpServers": {"web": {"url": "https://h/mcp"}}})");
    home.write(".config/zed/settings.json", R"({"theme": "One", /* x */ "context_servers": {"z": {"command": "zz"}}})");
    project.write(".vscode/mcp.json", R"({"servers": {"v": {"command": "vv"}}})");
    const cli_test::Setup setup{.env = {{"HOME", home.path()}}, .cwd = project.path()};
    const auto done = run({"config", "import", "--list"}, setup);
    EXPECT_EQ(done.code, 0) << done;
    for (const char* word : {"cursor", "zed", "vscode", "web", "/.cursor/mcp.json"}) {
        EXPECT_TRUE(holds(done.out, word)) << word << done;
    }
    EXPECT_EQ(run({"config", "import", "--list", "--json"}, setup).json().at("sources").as_array().size(), 3u);
    EXPECT_FALSE(std::filesystem::exists(project.path("mcp.json"))) << "a list writes nothing";
}

TEST(CliConfigImport, chosen_servers_are_added_and_what_is_there_stays) {
    const Folder home, project;
    home.write(".cursor/mcp.json",
               R"({"mcpServers": {"web": {"url": "https://h/mcp"}, "files": {"command": "theirs"}}})");
    const auto file = project.write("mcp.json", two_servers);
    const cli_test::Setup setup{.env = {{"HOME", home.path()}}, .cwd = project.path()};
    const auto done = run({"config", "import", "--from", "cursor"}, setup);
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_TRUE(holds(done.out, "added web")) << done;
    EXPECT_TRUE(holds(done.out, "kept files")) << done;
    EXPECT_TRUE(holds(text_of(file), "// ours")) << text_of(file);
    EXPECT_TRUE(holds(text_of(file), "hunter2-secret")) << text_of(file);
    EXPECT_FALSE(holds(text_of(file), "theirs")) << text_of(file);
    EXPECT_EQ(run({"config", "check"}, setup).code, 0);
    EXPECT_TRUE(holds(run({"config", "import", "web"}, setup).out, "is as it was"));
}

TEST(CliConfigImport, a_new_file_is_its_owners_only) {
    const Folder home, project;
    const auto from = home.write("theirs.json", R"({"mcpServers": {"a": {"command": "x", "env": {"K": "secret"}}}})");
    const auto to = project.path("sub/mcp.json");
    const auto done = run({"config", "import", "a", "--from", from, "--to", to});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_FALSE(holds(done.out + done.err, "secret")) << done;
    EXPECT_TRUE(holds(text_of(to), "secret"));
    EXPECT_EQ(std::filesystem::status(to).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(CliConfigImport, mistakes_have_a_way_out) {
    const Folder home;
    home.write(".cursor/mcp.json", R"({"mcpServers": {"web": {"url": "https://h/mcp"}}})");
    const cli_test::Setup setup{.env = {{"HOME", home.path()}}};
    EXPECT_TRUE(holds(run({"config", "import", "wep"}, setup).err, "did you mean 'web'?"));
    EXPECT_TRUE(holds(run({"config", "import", "--from", "cursr"}, setup).err, "did you mean 'cursor'?"));
    EXPECT_TRUE(holds(run({"config", "import"}, setup).err, "--from CLIENT"));
    EXPECT_EQ(run({"config", "show", "--list"}, setup).code, 2);
    EXPECT_EQ(run({"config"}, setup).code, 2);
    EXPECT_TRUE(holds(run({"config", "chek"}, setup).err, "did you mean 'check'?"));
}
