#include "protocol/parameter_headers.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

std::string lines(std::string_view schema, std::string_view arguments) {
    const auto plan = parameter_header_plan(schema);
    if (plan.has_error()) return "rejected: " + plan.error().message();
    return parameter_header_lines(*plan, boost::json::parse(arguments).as_object());
}

constexpr std::string_view region =
    R"({"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"n":{"type":"integer"}}})";

TEST(ParameterHeaders, CarryMarkedArgumentsOnly) {
    EXPECT_EQ(lines(region, R"({"region":"eu","n":3})"), "Mcp-Param-Region: eu\r\n");
    EXPECT_EQ(lines(R"({"type":"object"})", R"({"region":"eu"})"), "");
}

TEST(ParameterHeaders, LeaveOutWhatIsMissingNullOrOfAnotherType) {
    EXPECT_EQ(lines(region, "{}"), "");
    EXPECT_EQ(lines(region, R"({"region":null})"), "");
    EXPECT_EQ(lines(region, R"({"region":{"a":1}})"), "");
    EXPECT_EQ(lines(region, R"({"region":1.5})"), "");
}

TEST(ParameterHeaders, SpellEachTypeAndEncodeWhatAHeaderCannotCarry) {
    const std::string_view all = R"({"properties":{
        "s":{"type":"string","x-mcp-header":"S"},"i":{"type":"integer","x-mcp-header":"I"},
        "b":{"type":"boolean","x-mcp-header":"B"}}})";
    EXPECT_EQ(lines(all, R"({"s":"a b","i":-42,"b":false})"),
              "Mcp-Param-S: a b\r\nMcp-Param-I: -42\r\nMcp-Param-B: false\r\n");
    EXPECT_EQ(lines(all, R"({"s":"Zürich"})"), "Mcp-Param-S: =?base64?WsO8cmljaA==?=\r\n");
    EXPECT_EQ(lines(all, R"({"s":"a\r\nX-Evil: 1"})"), "Mcp-Param-S: =?base64?YQ0KWC1FdmlsOiAx?=\r\n");
    EXPECT_EQ(lines(all, R"({"s":" padded"})"), "Mcp-Param-S: =?base64?IHBhZGRlZA==?=\r\n");
    EXPECT_EQ(lines(all, R"({"i":3.0})"), "Mcp-Param-I: 3\r\n");
    EXPECT_EQ(lines(all, R"({"i":9007199254740991})"), "Mcp-Param-I: 9007199254740991\r\n");
    EXPECT_EQ(lines(all, R"({"i":9007199254740992})"), "");
}

TEST(ParameterHeaders, AreFoundInNestedObjects) {
    const std::string_view nested = R"({"properties":{"where":{"type":"object","properties":{
        "zone":{"type":"string","x-mcp-header":"Zone"}}}}})";
    EXPECT_EQ(lines(nested, R"({"where":{"zone":"z1"}})"), "Mcp-Param-Zone: z1\r\n");
    EXPECT_EQ(lines(nested, R"({"where":"z1"})"), "");
}

TEST(ParameterHeaders, AToolWithABadAnnotationIsRejectedWithTheReason) {
    const auto property = [](std::string_view text) { return R"({"properties":{"a":)" + std::string(text) + "}}"; };
    const std::pair<std::string, std::string> cases[] = {
        {property(R"({"type":"string","x-mcp-header":""})"), "is empty"},
        {property(R"({"type":"string","x-mcp-header":"My Region"})"), "not a header's name"},
        {property(R"({"type":"string","x-mcp-header":"Reg:ion"})"), "not a header's name"},
        {property(R"({"type":"string","x-mcp-header":"Région"})"), "not a header's name"},
        {property(R"({"type":"string","x-mcp-header":7})"), "not a string"},
        {property(R"({"type":"number","x-mcp-header":"A"})"), "no string, integer or boolean"},
        {property(R"({"type":["string","null"],"x-mcp-header":"A"})"), "no string, integer or boolean"},
        {property(R"({"x-mcp-header":"A"})"), "no string, integer or boolean"},
        {property(R"({"type":"array","items":{"type":"string","x-mcp-header":"A"}})"), "where no argument is"},
        {property(R"({"anyOf":[{"type":"string","x-mcp-header":"A"}]})"), "where no argument is"},
        {R"({"$defs":{"x":{"type":"string","x-mcp-header":"A"}}})", "where no argument is"},
        {R"({"oneOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]})", "where no argument is"},
        {R"({"x-mcp-header":"A","type":"string"})", "where no argument is"},
        {R"({"properties":{"a":{"type":"string","x-mcp-header":"Same"},"b":{"type":"string","x-mcp-header":"sAME"}}})",
         "there twice"},
    };
    for (const auto& [schema, why] : cases) EXPECT_THAT(lines(schema, "{}"), HasSubstr(why)) << schema;
}

TEST(ParameterHeaders, APropertyMayHaveTheNameOfTheAnnotation) {
    EXPECT_EQ(
        lines(R"({"properties":{"x-mcp-header":{"type":"string","x-mcp-header":"H"}}})", R"({"x-mcp-header":"v"})"),
        "Mcp-Param-H: v\r\n");
}

TEST(ParameterHeaders, AHostileDepthEndsInARefusal) {
    std::string deep = R"({"x-mcp-header":"A"})";
    for (int i = 0; i < 400; ++i) deep = R"({"not":)" + deep + "}";
    EXPECT_THAT(lines(deep, "{}"), HasSubstr("deep"));
}

}  // namespace
}  // namespace haive::mcp::testing
