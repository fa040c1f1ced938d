// Servers of other programs, brought into our configuration.
#include "haive/mcp/config/import.hpp"

#include "haive/mcp/config/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace haive::mcp;

namespace {

std::string text_of(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(std::string(HAIVE_TEST_FILES) + "/config/" + name).rdbuf();
    return text.str();
}

std::vector<ImportedServer> read(std::string_view text, const std::string& client, const std::string& file) {
    auto servers = read_imported_servers(text, ImportSource(client, file), "/proj");
    EXPECT_TRUE(servers.has_value()) << servers.error().message();
    return servers.has_value() ? *servers : std::vector<ImportedServer>();
}

MergedConfig merge(std::string_view text, const std::vector<ImportedServer>& servers) {
    auto merged = merge_servers(text, "mcp.json", servers);
    EXPECT_TRUE(merged.has_value()) << merged.error().to_string();
    return merged.has_value() ? *merged : MergedConfig();
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(ImportSources, the_projects_files_come_before_the_users) {
    const auto all = import_sources("/p", "/folk/ann", "/folk/ann/.config");
    EXPECT_EQ(all.front().file, "/p/.mcp.json");
    const auto has = [&](const std::string& client, const std::string& file) {
        return std::ranges::any_of(all, [&](const auto& one) { return one.client == client && one.file == file; });
    };
    EXPECT_TRUE(has("claude-desktop", "/folk/ann/.config/Claude/claude_desktop_config.json"));
    EXPECT_TRUE(has("claude-code", "/folk/ann/.claude.json"));
    EXPECT_TRUE(has("cursor", "/folk/ann/.cursor/mcp.json"));
    EXPECT_TRUE(has("vscode", "/folk/ann/.config/Code/User/mcp.json"));
    EXPECT_TRUE(has("windsurf", "/folk/ann/.codeium/windsurf/mcp_config.json"));
    EXPECT_TRUE(has("zed", "/folk/ann/.config/zed/settings.json"));
    EXPECT_TRUE(has("gemini", "/folk/ann/.gemini/settings.json"));
}

TEST(ImportServers, what_only_an_editor_knows_is_put_into_our_words) {
    const auto servers = read(text_of("vscode.json"), "vscode", "/proj/.vscode/mcp.json");
    ASSERT_EQ(servers.size(), 4u);
    EXPECT_TRUE(holds(servers[1].entry, R"("cwd": "/proj")")) << servers[1].entry;
    EXPECT_TRUE(holds(servers[3].entry, "${PERPLEXITY_KEY}")) << servers[3].entry;
    ASSERT_EQ(servers[3].notes.size(), 1u);
    EXPECT_TRUE(holds(servers[3].notes[0], "export PERPLEXITY_KEY"));
}

TEST(ImportServers, variables_stay_variables) {
    const auto servers = read(text_of("claude_code.json"), "claude-code", "/proj/.mcp.json");
    EXPECT_TRUE(holds(servers.at(0).entry, "Bearer ${API_KEY}"));
    const auto gemini = read(R"({"mcpServers": {"a": {"command": "x", "env": {"K": "$KEY", "P": "a$1b", "Q": "5$"}}}})",
                             "gemini", "/proj/.gemini/settings.json");
    EXPECT_TRUE(holds(gemini.at(0).entry, R"("K": "${KEY}")")) << gemini.at(0).entry;
    EXPECT_TRUE(holds(gemini.at(0).entry, R"("Q": "5$")")) << gemini.at(0).entry;
}

TEST(ImportServers, claude_code_keeps_some_for_one_project) {
    const auto servers = read(R"({"mcpServers": {"all": {"command": "x"}}, "projects": {
        "/proj": {"mcpServers": {"here": {"command": "y"}}}, "/else": {"mcpServers": {"there": {"command": "z"}}}}})",
                              "claude-code", "/folk/ann/.claude.json");
    ASSERT_EQ(servers.size(), 2u);
    EXPECT_EQ(servers[1].name, "here");
}

TEST(ImportServers, a_broken_file_is_an_error_and_one_without_servers_is_none) {
    EXPECT_TRUE(read_imported_servers("{", ImportSource("zed", "/z.json"), "/proj").has_error());
    EXPECT_TRUE(read(R"({"theme": "One"})", "zed", "/z.json").empty());
    EXPECT_TRUE(read("[]", "zed", "/z.json").empty());
    EXPECT_TRUE(read(R"({"context_servers": {"ext": {"source": "extension", "settings": {}}}})", "zed", "/z").empty());
}

TEST(MergeServers, what_is_there_stays_to_the_byte) {
    const auto servers = read(text_of("cursor.json"), "cursor", "/proj/.cursor/mcp.json");
    const std::string before =
        "{\n  // ours\n  \"mcpServers\": {\n    \"notes\": {\"command\": \"mine\"}, // keep\n  },\n}\n";
    const auto merged = merge(before, servers);
    EXPECT_EQ(merged.added, (std::vector<std::string>{"local", "remote", "with-login"}));
    EXPECT_EQ(merged.kept, std::vector<std::string>{"notes"});
    EXPECT_TRUE(merged.text.starts_with(before.substr(0, before.find("  },")))) << merged.text;
    EXPECT_TRUE(merged.text.ends_with("  },\n}\n")) << merged.text;
    const auto config = parse_config(
        merged.text, "mcp.json", [](std::string_view) { return std::optional("v"); },
        [](const std::string&) { return std::optional<std::string>(""); });
    ASSERT_TRUE(config.has_value()) << config.error().to_string();
    EXPECT_EQ(config->servers.size(), 4u);
    EXPECT_EQ(config->find("notes")->transport->describe(), "mine");
}

TEST(MergeServers, a_new_file_and_one_without_servers_get_a_frame) {
    const auto servers = read(R"({"mcpServers": {"a": {"command": "x"}}})", "cursor", "/c");
    EXPECT_EQ(merge("", servers).text,
              "{\n  \"mcpServers\": {\n    \"a\": {\n      \"command\": \"x\"\n    }\n  }\n}\n");
    EXPECT_TRUE(holds(merge("{\n  \"defaults\": {}\n}\n", servers).text, "\"defaults\": {},\n  \"mcpServers\": {"));
    EXPECT_TRUE(holds(merge("{\"servers\": {}}", servers).text, "\"servers\": {\n")) << "its own word for them";
}

TEST(MergeServers, two_programs_with_one_name_add_the_first) {
    auto servers = read(R"({"mcpServers": {"a": {"command": "x"}}})", "cursor", "/c");
    servers.push_back(read(R"({"mcpServers": {"a": {"command": "y"}}})", "zed", "/z").front());
    const auto merged = merge("", servers);
    EXPECT_EQ(merged.added.size(), 1u);
    EXPECT_EQ(merged.kept.size(), 1u);
    EXPECT_TRUE(holds(merged.text, "\"x\""));
}

TEST(MergeServers, what_would_be_broken_is_refused) {
    const auto servers = read(R"({"mcpServers": {"a": {"command": "x", "argz": ["y"]}}})", "cursor", "/c");
    EXPECT_TRUE(merge_servers("", "mcp.json", servers).has_error());
    EXPECT_TRUE(merge_servers("{", "mcp.json", {}).has_error());
    EXPECT_TRUE(merge_servers("[]", "mcp.json", {}).has_error());
    EXPECT_TRUE(merge_servers(R"({"mcpServers": []})", "mcp.json", {}).has_error());
}
