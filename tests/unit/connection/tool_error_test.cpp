#include "connection/tool_error.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

TEST(IsToolError, only_the_results_own_flag_counts) {
    EXPECT_TRUE(is_tool_error(R"({"content":[{"type":"text","text":"no"}],"isError":true})"));
    EXPECT_TRUE(is_tool_error(R"({"isError" : true,"content":[]})"));
    EXPECT_TRUE(is_tool_error(R"({"structuredContent":{"isError":true},"isError":true})"));
    EXPECT_FALSE(is_tool_error(R"({"content":[],"isError":false})"));
    EXPECT_FALSE(is_tool_error(R"({"content":[]})"));
    EXPECT_FALSE(is_tool_error(R"({"structuredContent":{"isError":true}})"));
    EXPECT_FALSE(is_tool_error(R"({"content":[{"type":"text","text":"{\"isError\":true}"}]})"));
    EXPECT_FALSE(is_tool_error(R"({"content":[{"type":"text","text":"\"isError\":true"}],"isError":)"));
    EXPECT_FALSE(is_tool_error(""));
}

}  // namespace
}  // namespace haive::mcp
