// A whole mcp.json: its frame, its defaults, and what is said about its mistakes.
#include "haive/mcp/config/config.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

std::optional<std::string> lookup(std::string_view name) {
    return name == "HOME" ? std::optional<std::string>("/folk/ann") : std::nullopt;
}

Result<Config> parse(std::string_view text) { return parse_config(text, "here/mcp.json", lookup); }

std::string refusal(std::string_view text) {
    const auto config = parse(text);
    if (config.has_value()) return "accepted";
    EXPECT_EQ(config.error().kind(), ErrorKind::invalid_config);
    return config.error().message();
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(ParseConfig, the_shared_format_of_mcp_hosts_is_read_in_its_order) {
    const auto config = parse(R"({"mcpServers": {
        "zeta": {"command": "npx", "args": ["-y", "some-server", "/data"], "env": {"TOKEN": "x"}},
        "alpha": {"command": "uvx", "args": ["other"]}
    }})");
    ASSERT_TRUE(config.has_value()) << config.error().message();
    EXPECT_EQ(config->file, "here/mcp.json");
    ASSERT_EQ(config->servers.size(), 2u);
    EXPECT_EQ(config->servers[0].name, "zeta");
    EXPECT_EQ(config->servers[1].name, "alpha");
    EXPECT_TRUE(config->warnings.empty());
    ASSERT_NE(config->servers[0].transport, nullptr);
    EXPECT_EQ(config->servers[0].transport->describe(), "npx -y some-server /data");
}

TEST(ParseConfig, servers_is_another_name_for_mcp_servers) {
    const auto config = parse(R"({"servers": {"a": {"command": "x"}}})");
    ASSERT_TRUE(config.has_value());
    EXPECT_EQ(config->servers.size(), 1u);
}

TEST(ParseConfig, no_servers_at_all_is_a_valid_configuration) {
    const auto config = parse(R"({"mcpServers": {}})");
    ASSERT_TRUE(config.has_value());
    EXPECT_TRUE(config->servers.empty());
}

TEST(ParseConfig, a_server_is_found_by_its_exact_name) {
    const auto config = parse(R"({"mcpServers": {"files": {"command": "x"}}})");
    ASSERT_TRUE(config.has_value());
    EXPECT_NE(config->find("files"), nullptr);
    EXPECT_EQ(config->find("Files"), nullptr);
    EXPECT_EQ(config->find(""), nullptr);
}

TEST(ParseConfig, syntax_mistakes_carry_file_line_and_column) {
    EXPECT_TRUE(refusal("{\n  \"mcpServers\": {\n    oops\n").starts_with("here/mcp.json: line 3, column 5: "))
        << refusal("{\n  \"mcpServers\": {\n    oops\n");
}

TEST(ParseConfig, a_file_without_servers_says_what_to_write) {
    const auto config = parse(R"({"mcp": {}})");
    ASSERT_TRUE(config.has_error());
    EXPECT_TRUE(holds(config.error().message(), "here/mcp.json: line 1, column 1: there is no \"mcpServers\""));
    EXPECT_TRUE(holds(config.error().details().mend, "mcpServers"));
}

TEST(ParseConfig, wrong_frames_are_refused) {
    for (const char* text : {"[]", "1", "null", R"({"mcpServers": []})", R"({"mcpServers": null})",
                             R"({"mcpServers": {"a": "npx"}})", R"({"mcpServers": {"": {"command": "x"}}})"}) {
        EXPECT_NE(refusal(text), "accepted") << text;
        EXPECT_TRUE(refusal(text).starts_with("here/mcp.json: ")) << text;
    }
}

TEST(ParseConfig, two_servers_of_one_name_are_refused_because_one_would_be_lost) {
    EXPECT_TRUE(holds(refusal(R"({"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}})"), "'a'"));
}

TEST(ParseConfig, defaults_reach_every_server_and_an_entry_overrides_them) {
    const auto config = parse(R"({
        "defaults": {"health_check_interval": 10, "reconnect_delay": 0.5, "auto_reconnect": false},
        "mcpServers": {
            "plain": {"command": "x"},
            "own": {"command": "x", "health_check_interval": 3, "auto_reconnect": true}
        }
    })");
    ASSERT_TRUE(config.has_value()) << config.error().message();
    const auto& plain = config->find("plain")->options;
    const auto& own = config->find("own")->options;
    EXPECT_EQ(plain.health_check_interval, Seconds(10));
    EXPECT_EQ(plain.reconnect_delay, Seconds(0.5));
    EXPECT_FALSE(plain.auto_reconnect);
    EXPECT_EQ(own.health_check_interval, Seconds(3));
    EXPECT_EQ(own.reconnect_delay, Seconds(0.5));
    EXPECT_TRUE(own.auto_reconnect);
}

TEST(ParseConfig, defaults_after_the_servers_count_as_well) {
    const auto config = parse(R"({"mcpServers": {"a": {"command": "x"}}, "defaults": {"connection_timeout": 7}})");
    ASSERT_TRUE(config.has_value());
    EXPECT_EQ(config->find("a")->options.connection_timeout, Seconds(7));
}

TEST(ParseConfig, a_wrong_default_is_refused_by_its_path) {
    EXPECT_TRUE(holds(refusal(R"({"defaults": {"reconnect_delay": "soon"}, "mcpServers": {}})"),
                      "defaults.reconnect_delay must be a number of seconds"));
    EXPECT_TRUE(holds(refusal(R"({"defaults": [], "mcpServers": {}})"), "defaults must be an object"));
    EXPECT_TRUE(holds(refusal(R"({"defaults": {"auto_reconnect": "yes"}, "mcpServers": {}})"), "true or false"));
}

TEST(ParseConfig, an_unknown_default_is_a_warning_and_a_misspelt_one_an_error) {
    const auto config = parse("{\"defaults\": {\n  \"colour\": 10}, \"mcpServers\": {}}");
    ASSERT_TRUE(config.has_value());
    ASSERT_EQ(config->warnings.size(), 1u);
    EXPECT_EQ(config->warnings[0], "line 2, column 3: defaults: unknown key 'colour' is ignored");
    const auto misspelt = parse(R"({"defaults": {"helth_check_interval": 10}, "mcpServers": {}})");
    ASSERT_TRUE(misspelt.has_error());
    EXPECT_TRUE(holds(misspelt.error().details().mend, "'health_check_interval'"));
}

TEST(ParseConfig, defaults_take_all_options_and_a_pool) {
    const auto config = parse(R"({
        "defaults": {"start": "lazy", "max_in_flight": 2, "era": "legacy", "pool": {"max_size": 3, "min_size": 1}},
        "mcpServers": {
            "plain": {"command": "x"},
            "own": {"command": "x", "start": "eager", "pool": {"max_size": 9}},
            "single": {"command": "x", "pool": false}
        }
    })");
    ASSERT_TRUE(config.has_value()) << config.error().message();
    EXPECT_EQ(config->find("plain")->upstream.start, StartPolicy::lazy);
    EXPECT_EQ(config->find("plain")->upstream.max_in_flight, 2);
    EXPECT_EQ(config->find("plain")->options.client.era, EraPreference::legacy);
    EXPECT_EQ(config->find("plain")->pool->max_size, 3);
    EXPECT_EQ(config->find("own")->upstream.start, StartPolicy::eager);
    EXPECT_EQ(config->find("own")->pool->max_size, 9);
    EXPECT_EQ(config->find("own")->pool->min_size, 1);
    EXPECT_FALSE(config->find("single")->pool);
}

TEST(ParseConfig, options_say_which_line_set_them) {
    const auto config = parse("{\"defaults\": {\n\"jitter\": 0, \"dead_after\": 9},\n\"mcpServers\": {\"a\": "
                              "{\"command\": \"x\",\n\"dead_after\": 2, \"pool\": {\n\"max_size\": 2}}}}");
    ASSERT_TRUE(config.has_value()) << config.error().message();
    const auto& origins = config->find("a")->origins;
    EXPECT_EQ(origins.at("jitter"), "defaults, line 2");
    EXPECT_EQ(origins.at("dead_after"), "line 4");
    EXPECT_EQ(origins.at("pool.max_size"), "line 5");
    EXPECT_FALSE(origins.contains("reconnect_delay"));
}

TEST(ParseConfig, a_manager_gets_the_servers_that_can_be_used) {
    const auto config = parse(R"({"mcpServers": {"a": {"command": "x", "required": true, "jitter": 0, "pool": true},
        "off": {"command": "x", "disabled": true}, "foreign": {"command": "x", "type": "carrier-pigeon"}}})");
    ASSERT_TRUE(config.has_value()) << config.error().message();
    const auto upstreams = config->upstreams();
    ASSERT_EQ(upstreams.size(), 1u);
    EXPECT_EQ(upstreams[0].name, "a");
    EXPECT_EQ(upstreams[0].transport->describe(), "x");
    EXPECT_EQ(upstreams[0].connection.jitter, 0);
    EXPECT_TRUE(upstreams[0].upstream.required);
    EXPECT_TRUE(upstreams[0].pool);
}

TEST(ParseConfig, an_input_is_refused_with_its_description_and_the_way_out) {
    const auto config = parse(R"({"inputs": [{"id": "gh-token", "type": "promptString", "description": "GitHub token"}],
        "servers": {"a": {"command": "x", "env": {"TOKEN": "${input:gh-token}"}}}})");
    ASSERT_TRUE(config.has_error());
    EXPECT_TRUE(holds(config.error().message(), "'gh-token' (GitHub token)")) << config.error().message();
    EXPECT_TRUE(holds(config.error().details().mend, "${env:GH_TOKEN}")) << config.error().details().mend;
    EXPECT_TRUE(config.error().message().starts_with("here/mcp.json: line 2, column "));
}

TEST(ParseConfig, servers_in_the_settings_of_zed_and_of_older_vs_code_are_found) {
    EXPECT_EQ(parse(R"({"theme": "One", "context_servers": {"a": {"command": "x"}}})")->servers.size(), 1u);
    EXPECT_EQ(parse(R"({"editor.tabSize": 4, "mcp": {"servers": {"a": {"command": "x"}}}})")->servers.size(), 1u);
}

TEST(ParseConfig, one_broken_entry_is_an_error_never_a_server_that_is_missing) {
    EXPECT_TRUE(holds(refusal(R"({"mcpServers": {"good": {"command": "x"}, "bad": {"args": []}}})"), "server 'bad'"));
}

TEST(LoadConfig, a_file_that_is_not_there_is_named_with_the_reason) {
    const auto config = load_config("/nonexistent/mcp.json");
    ASSERT_TRUE(config.has_error());
    EXPECT_EQ(config.error().kind(), ErrorKind::invalid_config);
    EXPECT_TRUE(holds(config.error().message(), "/nonexistent/mcp.json"));
    EXPECT_TRUE(holds(config.error().message(), "No such file or directory"));
}
