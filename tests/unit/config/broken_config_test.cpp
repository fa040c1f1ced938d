// Forty broken files: each gives one error, at the right line and column, with what would mend it.
#include "haive/mcp/config/config.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

struct Broken {
    const char* text;
    const char* place;    ///< line:column
    const char* message;  ///< a part of it
    const char* mend;     ///< a part of it
};

std::string place_of(int line, int column) {
    return "mcp.json: line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
}

const Broken files[] = {
    // The text.
    {"", "1:1", "ends too early", "close"},
    {"{\n  \"mcpServers\": {\n    \"a\": {\"command\": \"x\"}\n  }\n", "5:1", "ends too early", "close"},
    {"{\n  'mcpServers': {}\n}", "2:3", "double quotes", "\"...\""},
    {"{\n  \"mcpServers\" {}\n}", "2:16", "'{' is not expected", "missing"},
    {"{\"mcpServers\": {\n  \"a\": {\"command\": \"x\"}\n  \"b\": {\"command\": \"x\"}\n}}", "3:3", "not expected",
     "comma"},
    {"{\"mcpServers\": {\"a\": {\"command\": nope}}}", "1:34", "'nope'", "quote"},
    {"{\"mcpServers\": {}}\n}", "2:1", "more after the end", "remove"},
    {"{\"mcpServers\": {\n\"a\": {\"command\": \"x\"},\n\"a\": {\"command\": \"y\"}}}", "3:3", "second time", "remove"},
    // The frame.
    {"[]", "1:1", "must be an object", "mcpServers"},
    {"{}", "1:1", "there is no \"mcpServers\"", "mcpServers"},
    {"{\n  \"mcpServer\": {}}", "2:3", "unknown key 'mcpServer'", "'mcpServers'"},
    {"{\n  \"mcp_servers\": {}}", "2:3", "unknown key 'mcp_servers'", "'mcpServers'"},
    {"{\"mcpServers\": []}", "1:16", "must be an object", "NAME"},
    {"{\"mcpServers\": {},\n \"servers\": {}}", "2:2", "second time", "move"},
    {"{\"mcpServers\": {\"\": {\"command\": \"x\"}}}", "1:17", "empty name", "name"},
    {"{\"mcpServers\": {\"a\": \"npx\"}}", "1:22", "server 'a' must be an object", "command"},
    {"{\"servers\": {}, \"inputs\": {}}", "1:27", "inputs must be an array", "inputs"},
    {"{\"mcpServers\": {}, \"defaults\": []}", "1:32", "defaults must be an object", "defaults"},
    // Defaults.
    {"{\"mcpServers\": {}, \"defaults\": {\n\"jitter\": 2}}", "2:11", "jitter must be within 0 and 1",
     "\"jitter\": 0.5"},
    {"{\"mcpServers\": {}, \"defaults\": {\n\"reconnect_dealy\": 2}}", "2:1", "'reconnect_dealy'", "'reconnect_delay'"},
    {"{\"mcpServers\": {}, \"defaults\": {\n\"reconnect_delay\": \"1s\"}}", "2:20", "a number of seconds",
     "\"reconnect_delay\": 1"},
    {"{\"mcpServers\": {}, \"defaults\": {\n\"reconnect_delay\": 100}}", "2:20", "max_reconnect_delay", "change"},
    // All of them together.
    {"{\"mcpServers\": {}, \"manager\": 3}", "1:31", "manager must be an object", "opens_per_second"},
    {"{\"mcpServers\": {}, \"manager\": {\n\"opens_per_second\": 0}}", "2:21",
     "manager.opens_per_second must be above 0", "\"opens_per_second\": 200"},
    {"{\"mcpServers\": {}, \"manager\": {\n\"open_brust\": 1}}", "2:1", "'open_brust'", "'open_burst'"},
    {"{\"mcpServers\": {}, \"manager\": {\n\"catalogue_file\": \"${NOPE}/c\"}}", "2:19",
     "manager.catalogue_file cannot be filled in", "export"},
    // How a server is reached.
    {"{\"mcpServers\": {\n  \"a\": {}\n}}", "2:3", "neither a command nor a url", "\"command\""},
    {"{\"mcpServers\": {\"a\": {\n\"comand\": \"x\"}}}", "2:1", "unknown key 'comand'", "'command'"},
    {"{\"mcpServers\": {\"a\": {\n\"command\": \"\"}}}", "2:12", "command is empty", "program"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"url\": \"https://h\"}}}", "2:1", "both", "leave one"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"args\": \"-y\"}}}", "2:9", "array of strings", "\"args\": ["},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\", \"args\": [\n  \"-y\",\n  3\n]}}}", "3:3",
     "args[1] must be a string", "double quotes"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\", \"env\": {\n\"K\": null}}}}", "2:6", "env.K must be a string",
     "double quotes"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\", \"env\": [\n]}}}", "1:46", "env must be an object", "NAME"},
    {"{\"mcpServers\": {\"a\": {\"url\": \"https://h\", \"headers\":\n\"x\"}}}", "2:1", "headers must be an object",
     "NAME"},
    {"{\"mcpServers\": {\"a\": {\"url\": \"https://h\", \"headers\": {\n\"Authorization\": \"Bearer ${NOPE}\"}}}}",
     "2:18", "NOPE is not set", "export"},
    {"{\"inputs\": [{\"id\": \"k\", \"description\": \"the key\"}], \"servers\": {\"a\": {\"command\": \"x\",\n"
     "\"args\": [\"${input:k}\"]}}}",
     "2:10", "the input 'k' (the key)", "${env:K}"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"envFile\": \".env\"}}}", "2:12", "cannot be read", "path"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"disabled\": \"no\"}}}", "2:13", "must be true or false",
     "quotes"},
    {"{\"mcpServers\": {\"a/b\": {\"command\": \"x\",\n\"max_message_bytes\": 1}}}", "2:22", "at least 1024",
     "67108864"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"term_after\": -1}}}", "2:15", "within 0 and 86400",
     "\"term_after\": 2"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"kil_after\": 1}}}", "2:1", "'kil_after'", "'kill_after'"},
    {"{\"mcpServers\": {\"a\": {\"url\": \"https://h\",\n\"max_connections\": 2000}}}", "2:20", "within 1 and 1024",
     "\"max_connections\": 64"},
    {"{\"mcpServers\": {}, \"defaults\": {\n\"sse_fallback\": \"no\"}}", "2:17", "true or false", "true"},
    // Options.
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"start\": \"later\"}}}", "2:10", "eager, lazy or on_use",
     "\"eager\""},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"tools\": {\"deny\": \"x\"}}}}", "2:10", "an array of names",
     "deny"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"max_in_flight\": 0}}}", "2:18", "within 1 and 10000", "128"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"era\": \"old\"}}}", "2:8", "auto, legacy or modern", "\"auto\""},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"ping_timeout\": 40}}}", "2:17", "shorter than", "change"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\",\n\"pool\": 3}}}", "2:9", "true, false or an object", "max_size"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\", \"pool\": {\n\"min_size\": 3, \"max_size\": 2}}}}", "2:13",
     "min_size", "change"},
    {"{\"mcpServers\": {\"a\": {\"command\": \"x\", \"pool\": {\n\"mod\": \"shared\"}}}}", "2:1", "'mod'", "'mode'"},
    // Two mistakes: the first is told.
    {"{\"mcpServers\": {\"a\": {\"command\": 1,\n\"args\": 2}, \"b\": 3}}", "1:34", "command must be a string",
     "quotes"},
};

}  // namespace

TEST(BrokenConfig, each_gives_one_error_with_its_place_and_its_mend) {
    EXPECT_GE(std::size(files), 40u);
    for (const auto& broken : files) {
        const auto config =
            parse_config(broken.text, "mcp.json", [](std::string_view) { return std::optional<std::string>(); });
        if (config.has_value()) {
            ADD_FAILURE() << "accepted: " << broken.text;
            continue;
        }
        const std::string& message = config.error().message();
        const std::string& mend = config.error().details().mend;
        int line = 0, column = 0;
        ASSERT_EQ(std::sscanf(broken.place, "%d:%d", &line, &column), 2);
        EXPECT_EQ(config.error().kind(), ErrorKind::invalid_config);
        EXPECT_TRUE(message.starts_with(place_of(line, column))) << broken.text << "\n" << message;
        EXPECT_NE(message.find(broken.message), std::string::npos) << broken.text << "\n" << message;
        EXPECT_NE(mend.find(broken.mend), std::string::npos) << broken.text << "\n" << mend;
    }
}
