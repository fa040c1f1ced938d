// The schema for editors: current, of one mind with the reader, and understood by our own validator.
#include "haive/mcp/config/config_schema.hpp"

#include "config/json_document.hpp"
#include "haive/mcp/schema/json_schema.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

using namespace haive::mcp;

namespace {

std::string text_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

SchemaVerdict check(const std::string& text) {
    const auto schema = JsonSchema::compile(config_schema());
    EXPECT_TRUE(schema.has_value()) << schema.error().message();
    const auto document = parse_json_document(text);
    EXPECT_TRUE(document.has_value()) << document.error().message();
    return schema->check(*document);
}

}  // namespace

TEST(ConfigSchema, the_committed_file_is_current) {
    EXPECT_EQ(text_of(std::string(HAIVE_TEST_DOCS) + "/mcp.schema.json"), config_schema_text())
        << "haive-mcp config schema > docs/mcp.schema.json";
}

TEST(ConfigSchema, files_of_other_programs_are_accepted) {
    for (const auto* name : {"claude_desktop.json", "claude_code.json", "cursor.json", "vscode.json"}) {
        const auto verdict = check(text_of(std::string(HAIVE_TEST_FILES) + "/config/" + name));
        EXPECT_TRUE(verdict.valid()) << name << ": " << verdict.instance_path << ": " << verdict.why;
    }
}

TEST(ConfigSchema, what_the_reader_accepts_is_accepted) {
    const auto verdict = check(R"({"$schema": "x", "defaults": {"jitter": 0, "_": "note", "pool": {"max_size": null}},
        "mcpServers": {"a": {"command": "x", "env": {"PORT": 1}, "start": "on_use", "tools": ["a"], "era": "auto",
        "prompts": {"deny": ["*"]}, "prefix": null, "stable_uptime": 20, "max_reconnect_attempts": -1, "pool": true},
        "b": {"disabled": true}, "c": {"url": "https://h", "connect_timeout": 2, "event_stream": false},
        "d": {"command": "x", "term_after": 0.5, "max_outbox_bytes": 1024, "follow_tasks": true, "probe_timeout": 1}},
        "manager": {"opens_per_second": 10, "open_burst": 1, "_": "note", "catalogue_file": ""}})");
    EXPECT_TRUE(verdict.valid()) << verdict.instance_path << ": " << verdict.why;
}

TEST(ConfigSchema, what_the_reader_refuses_is_refused_at_the_same_place) {
    const struct {
        const char* text;
        const char* where;
    } broken[] = {
        {"[]", ""},
        {"{}", ""},
        {R"({"mcpServers": []})", "/mcpServers"},
        {R"({"mcpServers": {"a": "npx"}})", "/mcpServers/a"},
        {R"({"mcpServers": {"a": {}}})", "/mcpServers/a"},
        {R"({"mcpServers": {"a": {"command": "x", "url": "https://h"}}})", "/mcpServers/a"},
        {R"({"mcpServers": {"a": {"command": "x", "args": "-y"}}})", "/mcpServers/a/args"},
        {R"({"mcpServers": {"a": {"command": "x", "jitter": 2}}})", "/mcpServers/a/jitter"},
        {R"({"mcpServers": {"a": {"command": "x", "start": "later"}}})", "/mcpServers/a/start"},
        {R"({"mcpServers": {"a": {"command": "x", "idle_stop": 0}}})", "/mcpServers/a/idle_stop"},
        {R"({"mcpServers": {"a": {"command": "x", "pool": {"mode": "common"}}}})", "/mcpServers/a/pool"},
        {R"({"mcpServers": {"a": {"command": "x", "reconnect_dealy": 2}}})", "/mcpServers/a"},
        {R"({"mcpServers": {}, "defaults": {"reconnect_delay": "1s"}})", "/defaults/reconnect_delay"},
        {R"({"mcpServers": {"a": {"command": "x", "max_message_bytes": 1}}})", "/mcpServers/a/max_message_bytes"},
        {R"({"mcpServers": {"a": {"url": "https://h", "max_connections": 0}}})", "/mcpServers/a/max_connections"},
        {R"({"mcpServers": {}, "manager": {"open_burst": 0}})", "/manager/open_burst"},
        {R"({"mcpServers": {}, "manager": {"open_brust": 1}})", "/manager"},
        {R"({"mcpServers": {}, "servers": {}})", ""},
    };
    for (const auto& one : broken) {
        const auto verdict = check(one.text);
        EXPECT_EQ(verdict.outcome, SchemaVerdict::Outcome::invalid) << one.text;
        EXPECT_TRUE(verdict.instance_path.starts_with(one.where)) << one.text << ": " << verdict.instance_path;
    }
}
