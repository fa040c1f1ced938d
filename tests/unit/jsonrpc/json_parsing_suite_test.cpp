// Nicolas Seriot's JSON parsing suite against what reads the JSON of servers. Its data is not part of this project.
#include "haive/mcp/jsonrpc/raw_json.hpp"
#include "jsonrpc/json_slice_parser.hpp"

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace haive::mcp::testing {
namespace {

namespace fs = std::filesystem;

TEST(JsonParsingSuite, TakesWhatIsJsonAndRefusesWhatIsNot) {
    const fs::path folder = fs::path(HAIVE_MCP_SHARED_DATA) / "json-test-suite" / "test_parsing";
    if (!fs::exists(folder)) GTEST_SKIP() << "the JSON parsing suite is not beside this project";
    int counted = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        std::ifstream in(entry.path(), std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        const std::string bytes = text.str();
        const bool value = parse_json(bytes).has_value();
        const bool walked = !check_json(bytes);
        ++counted;
        if (name.starts_with("y_")) {
            EXPECT_TRUE(value) << name;
            EXPECT_TRUE(walked) << name;
        } else if (name.starts_with("n_")) {
            EXPECT_FALSE(value) << name;
            EXPECT_FALSE(walked) << name;
        }  // i_: either; it came back, which is what matters
    }
    std::printf("%d files\n", counted);
    EXPECT_GE(counted, 300);
}

}  // namespace
}  // namespace haive::mcp::testing
