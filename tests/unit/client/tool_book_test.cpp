#include "client/tool_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

Tool tool(std::string_view output_schema) {
    return parse_tool(R"({"name":"t","inputSchema":{"type":"object"},"outputSchema":)" + std::string(output_schema) +
                      "}")
        .value();
}

std::string problem(std::string_view output_schema, std::string_view result) {
    ToolBook book;
    book.learn({tool(output_schema)});
    const auto error = book.check_output("t", parse_call_tool_result(result).value());
    return error ? error->message() : "";
}

constexpr std::string_view number = R"({"type":"object","properties":{"n":{"type":"number"}},"required":["n"]})";

TEST(ToolBook, OutputIsHeldAgainstItsSchema) {
    EXPECT_EQ(problem(number, R"({"content":[],"structuredContent":{"n":1}})"), "");
    EXPECT_THAT(problem(number, R"({"content":[],"structuredContent":{"n":"1"}})"), HasSubstr("at `/n`"));
    EXPECT_THAT(problem(number, R"({"content":[]})"), HasSubstr("has no `structuredContent`"));
    EXPECT_EQ(problem(number, R"({"content":[],"isError":true})"), "") << "a tool's own failure promises nothing";
}

TEST(ToolBook, AnyValueIsAnOutputInTheModernEra) {
    EXPECT_EQ(problem(R"({"type":"null"})", R"({"content":[],"structuredContent":null})"), "");
    EXPECT_EQ(problem(R"({"const":false})", R"({"content":[],"structuredContent":false})"), "");
}

TEST(ToolBook, WhatCannotBeCheckedIsNotTakenForGood) {
    EXPECT_THAT(problem(R"({"$ref":"https://example.org/s"})", R"({"content":[],"structuredContent":1})"),
                HasSubstr("cannot be checked"));
    EXPECT_THAT(problem(R"j({"pattern":"(?=x)"})j", R"({"content":[],"structuredContent":"x"})"),
                HasSubstr("could not be checked"));
}

TEST(ToolBook, AnotherServersClaimsAreNotBelieved) {
    ToolBook book;
    Tool claims = tool(number);
    claims.annotations.read_only_hint = true;
    book.learn({claims});
    EXPECT_TRUE(book.find("t")->repeatable);
    book.distrust();
    EXPECT_FALSE(book.find("t")->repeatable);
    EXPECT_EQ(book.find("other"), nullptr);
}

}  // namespace
}  // namespace haive::mcp::testing
