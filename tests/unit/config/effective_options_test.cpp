#include "haive/mcp/config/effective_options.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace haive::mcp;

namespace {

ServerConfig server_of(std::string_view text) {
    const auto config = parse_config(text, "f", [](std::string_view) { return std::optional<std::string>(); });
    EXPECT_TRUE(config.has_value()) << config.error().message();
    return config->servers.front();
}

std::string find(const std::vector<EffectiveOption>& options, std::string_view name) {
    const auto found = std::ranges::find(options, name, &EffectiveOption::name);
    return found == options.end() ? "not there" : found->value + " " + found->origin;
}

}  // namespace

TEST(EffectiveOptions, each_option_says_where_it_comes_from) {
    const auto server = server_of("{\"defaults\": {\"jitter\": 0.25},\n\"mcpServers\": {\"a\": {\"command\": \"x\",\n"
                                  "\"tools\": [\"a\"], \"pool\": {\n\"max_size\": 3}}}}");
    const auto options = effective_options(server);
    EXPECT_EQ(find(options, "jitter"), "0.25 defaults, line 1");
    EXPECT_EQ(find(options, "tools"), R"({"allow": ["a"], "deny": []} line 3)");
    EXPECT_EQ(find(options, "pool.max_size"), "3 line 4");
    EXPECT_EQ(find(options, "pool.min_size"), "0 built in");
    EXPECT_EQ(find(options, "health_check_interval"), "30 built in");
    EXPECT_EQ(find(options, "era"), "\"auto\" built in");
    EXPECT_EQ(find(effective_options(server_of(R"({"servers": {"a": {"command": "x"}}})")), "pool.max_size"),
              "not there");
}

TEST(EffectiveOptions, a_transport_has_the_options_of_its_kind) {
    const std::string text = R"({"defaults": {"max_message_bytes": 4096, "connect_timeout": 3},
        "mcpServers": {"a": {"command": "x", "term_after": 0.5}, "b": {"url": "https://h", "max_connections": 2},
                       "c": {"url": "unix:/s", "max_outbox_bytes": 2048}}})";
    const auto config = parse_config(text, "f", [](std::string_view) { return std::optional<std::string>(); });
    ASSERT_TRUE(config.has_value()) << config.error().message();
    const auto process = effective_options(config->servers[0]);
    EXPECT_EQ(find(process, "term_after"), "0.5 line 2");
    EXPECT_EQ(find(process, "kill_after"), "3 built in");
    EXPECT_EQ(find(process, "max_message_bytes"), "4096 defaults, line 1");
    EXPECT_EQ(find(process, "connect_timeout"), "not there");
    const auto web = effective_options(config->servers[1]);
    EXPECT_EQ(find(web, "connect_timeout"), "3 defaults, line 1");
    EXPECT_EQ(find(web, "max_connections"), "2 line 2");
    EXPECT_EQ(find(web, "term_after"), "not there");
    const auto local = effective_options(config->servers[2]);
    EXPECT_EQ(find(local, "max_message_bytes"), "4096 defaults, line 1");
    EXPECT_EQ(find(local, "max_outbox_bytes"), "2048 line 3");
}

TEST(EffectiveOptions, the_managers_options_say_where_they_come_from) {
    const std::string text =
        "{\"mcpServers\": {}, \"manager\": {\n\"opens_per_second\": 20,\n\"catalogue_file\": \"${HOME}/c.json\"}}";
    const auto config =
        parse_config(text, "f", [](std::string_view) { return std::optional<std::string>("/folk/ann"); });
    ASSERT_TRUE(config.has_value()) << config.error().message();
    EXPECT_EQ(config->manager.opens_per_second, 20);
    EXPECT_EQ(config->manager.catalogue_file, "/folk/ann/c.json");
    const auto options = effective_manager_options(*config);
    EXPECT_EQ(find(options, "manager.opens_per_second"), "20 line 2");
    EXPECT_EQ(find(options, "manager.catalogue_file"), "\"/folk/ann/c.json\" line 3");
    EXPECT_EQ(find(options, "manager.opens_per_origin"), "4 built in");
}

TEST(EffectiveOptions, secrets_are_masked) {
    const auto process = masked_reach(server_of(R"({"mcpServers": {"a": {"command": "x", "args": ["--token", "tok-1"],
        "env": {"KEY": "hunter2", "EMPTY": ""}, "cwd": "/"}}})"));
    EXPECT_EQ(find(process, "env.KEY"), "\"***\" ");
    EXPECT_EQ(find(process, "env.EMPTY"), "\"\" ");
    EXPECT_EQ(find(process, "cwd"), "\"/\" ");
    const auto http = masked_reach(server_of(
        R"({"mcpServers": {"a": {"url": "https://u:hunter2@h/mcp?key=hunter2", "headers": {"X": "hunter2"}}}})"));
    EXPECT_EQ(find(http, "headers.X"), "\"***\" ");
    for (const auto& options : {process, http}) {
        for (const auto& one : options) {
            EXPECT_EQ(one.value.find("hunter2"), std::string::npos) << one.name;
            EXPECT_EQ(one.value.find("tok-1"), std::string::npos) << one.name;
        }
    }
}
