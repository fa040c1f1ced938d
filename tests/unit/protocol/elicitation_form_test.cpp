#include "haive/mcp/protocol/elicitation_form.hpp"

#include "protocol/text_formats.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr std::string_view person = R"({"type":"object","properties":{
    "name":{"type":"string","title":"Your name","minLength":2,"maxLength":5},
    "age":{"type":"integer","minimum":0,"maximum":150,"default":30},
    "score":{"type":"number","default":95.5},
    "mail":{"type":"string","format":"email"},
    "member":{"type":"boolean","default":true},
    "status":{"type":"string","enum":["active","off"],"enumNames":["Active","Switched off"],"default":"active"},
    "colour":{"type":"string","oneOf":[{"const":"r","title":"Red"},{"const":"g"}]},
    "tags":{"type":"array","items":{"type":"string","enum":["a","b","c"]},"minItems":1,"maxItems":2}
    },"required":["name"]})";

ElicitForm form_of(std::string_view text) { return parse_elicit_form(text).value(); }

std::string problem(std::string_view content, std::string_view form = person) {
    return form_problem(form_of(form), json::parse(content).as_object()).value_or("");
}

TEST(ElicitationForm, IsReadInItsOrderWithEverythingThereIsToShow) {
    const ElicitForm form = form_of(person);
    ASSERT_EQ(form.fields.size(), 8U);
    EXPECT_EQ(form.fields[0].title, "Your name");
    EXPECT_TRUE(form.fields[0].required);
    EXPECT_FALSE(form.fields[1].required);
    EXPECT_EQ(form.find("status")->options[1].title, "Switched off");
    EXPECT_EQ(form.find("colour")->options[0].title, "Red");
    EXPECT_EQ(form.find("colour")->options[1].title, "g");
    EXPECT_EQ(form.find("tags")->kind, ElicitField::Kind::choices);
}

TEST(ElicitationForm, DefaultsFillWhatIsMissingAndNothingElse) {
    const json::object filled = fill_defaults(form_of(person), {{"name", "Ann"}, {"age", 7}});
    EXPECT_EQ(json::serialize(filled), R"({"name":"Ann","age":7,"score":9.55E1,"member":true,"status":"active"})");
}

TEST(ElicitationForm, SaysWhatDoesNotFit) {
    const std::pair<std::string, std::string> cases[] = {
        {R"({})", "`name` is missing"},
        {R"({"name":"x"})", "at least 2 characters"},
        {R"({"name":"abcdef"})", "at most 5 characters"},
        {R"({"name":7})", "must be a text"},
        {R"({"name":"Ann","age":1.5})", "whole number"},
        {R"({"name":"Ann","age":-1})", "at least 0"},
        {R"({"name":"Ann","age":151})", "at most 150"},
        {R"({"name":"Ann","age":"7"})", "must be a number"},
        {R"({"name":"Ann","mail":"nobody"})", "e-mail"},
        {R"({"name":"Ann","member":"yes"})", "true or false"},
        {R"({"name":"Ann","status":"Active"})", "one of its options"},
        {R"({"name":"Ann","tags":[]})", "at least 1"},
        {R"({"name":"Ann","tags":["a","b","c"]})", "at most 2"},
        {R"({"name":"Ann","tags":["z"]})", "none of its options"},
        {R"({"name":"Ann","shoe":40})", "`shoe` was not asked for"},
    };
    for (const auto& [content, why] : cases) EXPECT_THAT(problem(content), HasSubstr(why)) << content;
    EXPECT_EQ(problem(R"({"name":"Ann","age":30,"mail":"a@b.org","colour":"g","tags":["a","c"]})"), "");
}

TEST(ElicitationForm, LengthsAreInCodePoints) { EXPECT_EQ(problem(R"({"name":"äöüßé"})"), ""); }

TEST(ElicitationForm, NestedAndMalformedOnesAreRefused) {
    for (const std::string_view text :
         {R"([])", R"({"type":"string"})", R"({"properties":[]})", R"({"properties":{"a":{"type":"object"}}})",
          R"({"properties":{"a":{"type":"array","items":{"type":"object"}}}})", R"({"properties":{"a":7}})",
          R"({"properties":{"a":{"type":"string","enum":[1,2]}}})"}) {
        EXPECT_TRUE(parse_elicit_form(text).has_error()) << text;
    }
    EXPECT_TRUE(parse_elicit_form(R"({"type":"object","properties":{}})").has_value());
}

TEST(TextFormats, TakeWhatTheStandardsTake) {
    EXPECT_TRUE(is_email("a.b+c@example.org") && is_email("\"x\"@h"));
    EXPECT_FALSE(is_email("a@") || is_email("@b") || is_email("a b@c") || is_email("a@b@c") || is_email("a@.b"));
    EXPECT_TRUE(is_uri("https://x.org/a?b#c") && is_uri("urn:isbn:1") && is_uri("mailto:a@b"));
    EXPECT_FALSE(is_uri("//x") || is_uri("1a:b") || is_uri("a b:c") || is_uri("http:") || is_uri("x"));
    EXPECT_TRUE(is_date("2024-02-29") && is_date("2026-12-31"));
    EXPECT_FALSE(is_date("2023-02-29") || is_date("2024-1-01") || is_date("2024-01-01x") || is_date("2024-13-01"));
    EXPECT_TRUE(is_date_time("2024-01-01T00:00:00Z") && is_date_time("2024-01-01t23:59:60.123+05:30"));
    EXPECT_FALSE(is_date_time("2024-01-01") || is_date_time("2024-01-01T24:00:00Z") ||
                 is_date_time("2024-01-01T00:00:00") || is_date_time("2024-01-01T00:00:00.Z"));
}

}  // namespace
}  // namespace haive::mcp::testing
