// The configuration files of other programs, as people have them.
#include "haive/mcp/config/config.hpp"
#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

using namespace haive::mcp;

namespace {

std::optional<std::string> lookup(std::string_view name) {
    if (name == "HOME") return "/folk/ann";
    if (name == "API_KEY") return "key-0123456789abcdef";
    return std::nullopt;
}

std::optional<std::string> read_file(const std::string& path) {
    return path == "/proj/.env" ? std::optional<std::string>("# local\nREGION=eu\n") : std::nullopt;
}

Config load(const std::string& name, const std::string& as) {
    std::ostringstream text;
    text << std::ifstream(std::string(HAIVE_TEST_FILES) + "/config/" + name).rdbuf();
    auto config = parse_config(text.str(), as, lookup, read_file);
    EXPECT_TRUE(config.has_value()) << config.error().to_string();
    if (config.has_error()) return {};
    EXPECT_TRUE(config->warnings.empty()) << config->warnings.front();
    return *config;
}

std::string described(const Config& config, std::string_view name) {
    const auto* server = config.find(name);
    if (server == nullptr) return "not there";
    return server->transport ? std::string(server->transport->type()) + " " + server->transport->describe()
                             : server->unusable;
}

const StdioOptions& process(const Config& config, std::string_view name) {
    return dynamic_cast<const StdioTransport&>(*config.find(name)->transport).options();
}

}  // namespace

TEST(ConfigDialect, claude_desktop) {
    const auto config = load("claude_desktop.json", "/folk/ann/.config/Claude/claude_desktop_config.json");
    ASSERT_EQ(config.servers.size(), 3u);
    EXPECT_EQ(described(config, "weather"), "StdioTransport uv --directory /folk/ann/weather run weather.py");
    EXPECT_EQ(process(config, "github").env.at("GITHUB_PERSONAL_ACCESS_TOKEN"), "ghp-not-a-real-token-0123456789");
}

TEST(ConfigDialect, claude_code) {
    const auto config = load("claude_code.json", "/proj/.mcp.json");
    ASSERT_EQ(config.servers.size(), 3u);
    EXPECT_EQ(described(config, "api-server"), "HttpTransport https://api.example.com/mcp");
    EXPECT_EQ(described(config, "asana"), "SseTransport https://mcp.asana.example/sse");
    EXPECT_EQ(process(config, "database").env.at("CACHE_DIR"), "/folk/ann/.cache/dbhub");
    const auto& http = dynamic_cast<const HttpTransport&>(*config.find("api-server")->transport);
    EXPECT_EQ(http.options().headers.at(0).second, "Bearer key-0123456789abcdef");
    EXPECT_EQ(config.find("api-server")->options.request_timeout, Seconds(60)) << "milliseconds are not our unit";
}

TEST(ConfigDialect, cursor) {
    const auto config = load("cursor.json", "/proj/.cursor/mcp.json");
    ASSERT_EQ(config.servers.size(), 4u);
    EXPECT_EQ(described(config, "local"), "StdioTransport python /proj/tools/mcp_server.py");
    EXPECT_EQ(process(config, "local").env.at("REGION"), "eu");
    EXPECT_EQ(process(config, "local").env.at("API_KEY"), "key-0123456789abcdef");
    EXPECT_EQ(described(config, "notes"), "StdioTransport /folk/ann/bin/notes-server");
    EXPECT_EQ(described(config, "with-login"), "HttpTransport https://mcp.mittwald.example/mcp");
}

TEST(ConfigDialect, vs_code) {
    const auto config = load("vscode.json", "/proj/.vscode/mcp.json");
    ASSERT_EQ(config.servers.size(), 4u);
    EXPECT_EQ(process(config, "playwright").cwd, "/proj");
    EXPECT_EQ(described(config, "database"), "UnixSocketTransport unix:/run/database/mcp.sock");
    EXPECT_TRUE(config.find("perplexity")->disabled);
    EXPECT_TRUE(described(config, "perplexity").find("(Perplexity API Key)") != std::string::npos)
        << described(config, "perplexity");
}

TEST(ConfigDialect, secrets_are_filled_in_and_not_shown) {
    for (const auto* name : {"claude_desktop.json", "claude_code.json", "cursor.json"}) {
        for (const auto& server : load(name, "/proj/.cursor/mcp.json").servers) {
            EXPECT_EQ(server.transport->describe().find("0123456789"), std::string::npos) << name << server.name;
        }
    }
}
