// A server that needs something which is missing where the file is read: refused, or left out alone.
#include "config/config_document.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

Result<Config> read(std::string_view text, WhenMissing missing) {
    ExpansionSources sources;
    sources.variable = [](std::string_view name) {
        return name == "SET" ? std::optional<std::string>("x") : std::nullopt;
    };
    sources.read_file = [](const std::string&) { return std::optional<std::string>(); };
    sources.file = "/here/mcp.json";
    return read_config_document(text, "mcp.json", std::move(sources), missing);
}

constexpr const char* three = R"({"mcpServers": {
  "fine": {"command": "x", "env": {"A": "${SET}"}},
  "search": {"url": "https://h/mcp", "headers": {"Authorization": "Bearer ${NOPE}"}, "start": "lazy"},
  "files": {"command": "y", "envFile": ".env"},
  "asking": {"command": "z", "args": ["${input:key}"]}
}})";

}  // namespace

TEST(MissingThings, the_first_is_an_error_where_that_is_wanted) {
    const auto config = read(three, WhenMissing::refuse);
    ASSERT_TRUE(config.has_error());
    EXPECT_EQ(
        config.error().message(),
        "mcp.json: line 3, column 67: server 'search': headers.Authorization cannot be filled in: the environment "
        "variable NOPE is not set");
}

TEST(MissingThings, or_its_server_is_left_out_with_reason_place_and_mend) {
    const auto config = read(three, WhenMissing::leave_out);
    ASSERT_TRUE(config.has_value()) << config.error().message();
    ASSERT_EQ(config->servers.size(), 4u);
    ASSERT_EQ(config->upstreams().size(), 1u);
    EXPECT_EQ(config->upstreams()[0].name, "fine");
    const auto& search = *config->find("search");
    EXPECT_EQ(search.transport, nullptr);
    EXPECT_FALSE(search.disabled);
    EXPECT_EQ(search.upstream.start, StartPolicy::lazy);
    EXPECT_EQ(search.unusable, "the environment variable NOPE is not set (headers.Authorization, line 3, column 67); "
                               "export it, or write ${NOPE:-default}");
    EXPECT_EQ(config->find("files")->unusable,
              "a file cannot be read (envFile, line 4, column 40); check its path and its rights");
    EXPECT_NE(config->find("asking")->unusable.find("(args[0], line 5, column 39)"), std::string::npos)
        << config->find("asking")->unusable;
}

TEST(MissingThings, a_mistake_in_the_text_is_an_error_all_the_same) {
    for (const char* text : {R"({"mcpServers": {"a": {"command": "${NOPE}", "args": 3}, "b": {"command": 1}}})",
                             R"({"mcpServers": {"a": {"command": "x", "reconnect_dealy": 1}}})",
                             R"({"mcpServers": {"a": {}}})", R"({"mcpServers": {}, "manager": {"open_burst": 0}})"}) {
        EXPECT_TRUE(read(text, WhenMissing::leave_out).has_error()) << text;
    }
}
