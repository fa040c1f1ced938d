#include "haive/mcp/protocol/lifecycle.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

TEST(InitializeResult, reads_what_the_reference_servers_send) {
    auto result = parse_initialize_result(
        R"({"protocolVersion":"2025-06-18","capabilities":{"prompts":{"listChanged":true},
        "resources":{"subscribe":true,"listChanged":false},"tools":{},"logging":{},"completions":{},
        "tasks":{"list":{}},"experimental":{"x":{}}},"serverInfo":{"name":"everything","title":"E","version":"1.2"},
        "instructions":"be nice"})");
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->protocol_version, "2025-06-18");
    const ServerCapabilities& c = result->capabilities;
    EXPECT_TRUE(c.prompts && c.prompts_list_changed && c.resources && c.resources_subscribe && c.tools && c.logging);
    EXPECT_TRUE(c.completions);
    EXPECT_FALSE(c.resources_list_changed || c.tools_list_changed);
    EXPECT_EQ(c.tasks.text(), R"({"list":{}})");
    EXPECT_EQ(result->server_info.name, "everything");
    EXPECT_EQ(result->server_info.version, "1.2");
    EXPECT_EQ(result->instructions, "be nice");
}

// P4: the server's own version is what counts, whatever it is; and it must be there.
TEST(InitializeResult, P4_the_version_is_the_servers_answer) {
    EXPECT_EQ(parse_initialize_result(R"({"protocolVersion":"1.0"})")->protocol_version, "1.0");
    EXPECT_EQ(parse_initialize_result("{}").error().message(), "InitializeResult: `protocolVersion` is missing");
    EXPECT_FALSE(parse_initialize_result(R"({"protocolVersion":1})"));
}

TEST(InitializeResult, a_shy_server_is_still_a_server) {
    auto result = parse_initialize_result(R"({"protocolVersion":"2024-11-05","serverInfo":{"version":"1"},
        "capabilities":null,"instructions":null})");
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->server_info.name, "");
    EXPECT_FALSE(result->capabilities.tools);
    EXPECT_FALSE(parse_initialize_result(R"({"protocolVersion":"2024-11-05","capabilities":[]})"));
}

TEST(DiscoverResult, identity_comes_from_meta_then_from_the_top) {
    auto result = parse_discover_result(R"({"resultType":"complete","supportedVersions":["2026-07-28"],
        "capabilities":{"tools":{"listChanged":true},"extensions":{"io.modelcontextprotocol/tasks":{}}},
        "serverInfo":{"name":"stray","version":"0"},"instructions":"i","ttlMs":60000,"cacheScope":"public",
        "_meta":{"io.modelcontextprotocol/serverInfo":{"name":"real","version":"2"}}})");
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->supported_versions, std::vector<std::string>{"2026-07-28"});
    EXPECT_EQ(result->server_info.name, "real");
    EXPECT_TRUE(result->capabilities.tools_list_changed);
    EXPECT_EQ(result->capabilities.extensions.text(), R"({"io.modelcontextprotocol/tasks":{}})");
    EXPECT_EQ(result->cache.ttl, Duration(std::chrono::minutes(1)));

    EXPECT_EQ(parse_discover_result(R"({"supportedVersions":[],"serverInfo":{"name":"stray"}})")->server_info.name,
              "stray");
    EXPECT_EQ(parse_discover_result(R"({"supportedVersions":[]})")->server_info.name, "");
}

// Legacy servers and two conformance mocks answer any unknown method with `{}`.
TEST(DiscoverResult, an_empty_answer_is_none) {
    EXPECT_EQ(parse_discover_result("{}").error().message(), "DiscoverResult: `supportedVersions` is missing");
    EXPECT_FALSE(parse_discover_result(R"({"supportedVersions":"2026-07-28"})"));
    EXPECT_FALSE(parse_discover_result(R"({"supportedVersions":[1]})"));
}

TEST(ServerCapabilities, odd_offers_are_read_with_care) {
    auto c = parse_server_capabilities(R"({"tools":true,"prompts":null,"resources":false,"logging":"yes","x":{}})");
    ASSERT_TRUE(c);
    EXPECT_TRUE(c->tools);
    EXPECT_FALSE(c->prompts || c->resources || c->logging);
    EXPECT_FALSE(parse_server_capabilities("[]"));
}

// P4: a client declares client capabilities, and nothing that only servers have.
TEST(ClientCapabilities, P4_only_what_a_client_has) {
    ClientCapabilities c;
    EXPECT_EQ(to_json(c).text(), "{}");
    c.roots_list_changed = c.sampling_tools = c.elicitation = true;
    EXPECT_EQ(to_json(c).text(), R"({"roots":{"listChanged":true},"sampling":{"tools":{}},"elicitation":{}})");
    c = ClientCapabilities();
    c.roots = c.sampling = c.elicitation_form = c.elicitation_url = true;
    c.extensions = RawJson(R"({"io.modelcontextprotocol/ui":{"mimeTypes":[]}})");
    EXPECT_EQ(to_json(c).text(), R"({"roots":{},"sampling":{},"elicitation":{"form":{},"url":{}},)"
                                 R"("extensions":{"io.modelcontextprotocol/ui":{"mimeTypes":[]}}})");
    EXPECT_EQ(to_json(c).text().find("\"tools\""), std::string::npos);
    EXPECT_EQ(to_json(c).text().find("\"logging\""), std::string::npos);
}

TEST(Implementation, round_trip) {
    const std::string raw =
        R"({"name":"n","title":"t","version":"1","description":"d","websiteUrl":"https://x",)"
        R"("icons":[{"src":"https://x/i","mimeType":"image/png","sizes":["any"],"theme":"light"}]})";
    auto out = parse_implementation(raw);
    ASSERT_TRUE(out) << out.error().message();
    EXPECT_EQ(to_json(*out).text(), raw);
    EXPECT_FALSE(parse_implementation("{}"));
}

TEST(Icon, only_https_and_data_are_allowed) {
    const auto allowed = [](const char* src) {
        Icon icon;
        icon.src = src;
        return icon.has_allowed_scheme();
    };
    EXPECT_TRUE(allowed("https://x") && allowed("HTTPS://x") && allowed("data:image/png;base64,"));
    for (const char* bad : {"javascript:x", "file:///x", "ftp://x", "ws://x", "http://x", "", "dat"}) {
        EXPECT_FALSE(allowed(bad)) << bad;
    }
}
