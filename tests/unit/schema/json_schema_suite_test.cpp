// The official JSON Schema test suite: every required case of the two drafts. The data is not part of this project;
// where it is not beside it, these tests say so.
#include "haive/mcp/schema/json_schema.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace haive::mcp::testing {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::value read_json(const fs::path& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return json::parse(text.str());
}

std::optional<json::value> remote(std::string_view uri) {
    constexpr std::string_view host = "http://localhost:1234/";
    if (!uri.starts_with(host)) return std::nullopt;
    const fs::path path =
        fs::path(HAIVE_MCP_SHARED_DATA) / "json-schema-test-suite" / "remotes" / uri.substr(host.size());
    if (!fs::exists(path)) return std::nullopt;
    return read_json(path);
}

struct Counts {
    int cases = 0;
    int failed = 0;
};

void run_file(const fs::path& file, std::string_view dialect, Counts& counts) {
    for (const json::value& group : read_json(file).as_array()) {
        json::value text = group.at("schema");
        if (text.is_object() && !text.as_object().contains("$schema")) {
            json::object with{{"$schema", dialect}};
            for (const auto& member : text.as_object()) with.emplace(member.key(), member.value());
            text = with;
        }
        const auto schema = JsonSchema::compile(text, SchemaLimits(), remote);
        for (const json::value& one : group.at("tests").as_array()) {
            ++counts.cases;
            const bool expected = one.at("valid").as_bool();
            const std::string what = file.filename().string() + ": " +
                                     std::string(group.at("description").as_string()) + ": " +
                                     std::string(one.at("description").as_string());
            if (schema.has_error()) {
                ++counts.failed;
                ADD_FAILURE() << what << ": " << schema.error().message();
                continue;
            }
            const SchemaVerdict verdict = schema->check(one.at("data"));
            const auto wanted = expected ? SchemaVerdict::Outcome::valid : SchemaVerdict::Outcome::invalid;
            if (verdict.outcome == wanted) continue;
            ++counts.failed;
            ADD_FAILURE() << what << ": expected " << (expected ? "valid" : "invalid") << ", got "
                          << static_cast<int>(verdict.outcome) << ' ' << verdict.why;
        }
    }
}

void run_draft(const char* folder, std::string_view dialect, int at_least) {
    const fs::path tests = fs::path(HAIVE_MCP_SHARED_DATA) / "json-schema-test-suite" / "tests" / folder;
    if (!fs::exists(tests)) GTEST_SKIP() << "the JSON Schema test suite is not beside this project";
    Counts counts;
    for (const auto& entry : fs::directory_iterator(tests)) {
        if (entry.path().extension() == ".json") run_file(entry.path(), dialect, counts);
    }
    std::printf("%s: %d required cases, %d failed\n", folder, counts.cases, counts.failed);
    EXPECT_GE(counts.cases, at_least);
}

TEST(JsonSchemaSuite, EveryRequiredCaseOfDraft202012) {
    run_draft("draft2020-12", "https://json-schema.org/draft/2020-12/schema", 1200);
}

TEST(JsonSchemaSuite, EveryRequiredCaseOfDraft07) {
    run_draft("draft7", "http://json-schema.org/draft-07/schema#", 900);
}

}  // namespace
}  // namespace haive::mcp::testing
