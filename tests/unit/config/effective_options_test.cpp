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
