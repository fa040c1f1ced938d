#include "haive/mcp/schema/json_schema.hpp"

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include "schema/json_equality.hpp"
#include "schema/pattern.hpp"
#include "schema/uri_reference.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using Outcome = SchemaVerdict::Outcome;

SchemaVerdict check(std::string_view schema, const json::value& instance) {
    return JsonSchema::compile(json::parse(schema)).value().check(instance);
}

TEST(JsonSchemaVerdict, SaysWhereAndWhy) {
    const auto verdict = check(R"({"properties":{"a/b":{"items":{"$ref":"#/$defs/n"}}},"$defs":{"n":{"minimum":3}}})",
                               json::parse(R"({"a/b":[5,1]})"));
    EXPECT_EQ(verdict.outcome, Outcome::invalid);
    EXPECT_EQ(verdict.instance_path, "/a~1b/1");
    EXPECT_EQ(verdict.schema_path, "/properties/a~1b/items/$ref/minimum");
    EXPECT_THAT(verdict.why, HasSubstr("1 is below 3"));
}

TEST(JsonSchemaVerdict, OfAnyOfNamesTheChoiceNotAnAttempt) {
    const auto verdict = check(R"({"anyOf":[{"type":"string"},{"minimum":5}]})", 1);
    EXPECT_EQ(verdict.schema_path, "/anyOf");
    EXPECT_THAT(verdict.why, HasSubstr("none of the 2"));
}

TEST(JsonSchemaVerdict, WhatCannotBeRunIsNotCheckedAndNeverValid) {
    const auto verdict = check(R"j({"pattern":"^(?=x)"})j", "x");
    EXPECT_EQ(verdict.outcome, Outcome::not_checked);
    EXPECT_THAT(verdict.why, HasSubstr("(?=x)"));
    EXPECT_EQ(check(R"({"not":{"pattern":"(a)\\1"}})", "x").outcome, Outcome::not_checked);
    EXPECT_EQ(check(R"j({"pattern":"(?=x)","maxLength":0})j", "x").outcome, Outcome::invalid) << "the rest decides";
    EXPECT_EQ(check(R"j({"anyOf":[{"pattern":"(?=x)"},true]})j", "x").outcome, Outcome::valid);
    EXPECT_EQ(check(R"j({"patternProperties":{"(?=x)":false}})j", json::object{{"x", 1}}).outcome,
              Outcome::not_checked);
}

TEST(JsonSchemaCompile, RefusesWhatIsNoSchemaAndSaysWhat) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"$ref":"https://example.org/x"})", "https://example.org/x, which is not here"},
        {R"({"$ref":"#/nowhere"})", "where there is nothing"},
        {R"({"$schema":"http://json-schema.org/draft-04/schema#"})", "draft-04"},
        {R"({"properties":{"a":7}})", "a schema is an object, true or false"},
        {R"({"allOf":{}})", "no list"},
        {"7", "a schema is an object"},
    };
    for (const auto& [text, why] : cases) {
        const auto schema = JsonSchema::compile(json::parse(text));
        ASSERT_TRUE(schema.has_error()) << text;
        EXPECT_THAT(schema.error().message(), HasSubstr(why)) << text;
    }
}

TEST(JsonSchemaHostile, CyclesEndWithAReason) {
    EXPECT_THAT(check(R"({"$ref":"#"})", 1).why, HasSubstr("itself"));
    EXPECT_THAT(check(R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"})", 1).why,
                HasSubstr("itself"));
    EXPECT_EQ(check(R"({"$ref":"#"})", 1).outcome, Outcome::not_checked);
    EXPECT_EQ(check(R"({"anyOf":[{"allOf":[{"$ref":"#"}]}]})", 1).outcome, Outcome::not_checked);
}

TEST(JsonSchemaHostile, DepthIsBounded) {
    json::value deep = true;
    json::value list = json::array();
    for (int i = 0; i < 2'000; ++i) {
        deep = json::object{{"items", std::move(deep)}};
        list = json::array{std::move(list)};
    }
    EXPECT_THAT(JsonSchema::compile(deep).error().message(), HasSubstr("deep"));
    const auto recursive = check(R"({"items":{"$ref":"#"}})", list);
    EXPECT_EQ(recursive.outcome, Outcome::not_checked);
    EXPECT_THAT(recursive.why, HasSubstr("deeper"));
}

TEST(JsonSchemaHostile, TextAHundredThousandDeepIsRefusedBeforeItIsAValue) {
    constexpr std::size_t levels = 100'000;
    std::string schema;
    for (std::size_t i = 0; i < levels; ++i) schema += R"({"not":)";
    schema += "true" + std::string(levels, '}');
    EXPECT_THAT(parse_json(schema).error().message(), HasSubstr("deep"));
    EXPECT_THAT(parse_json(std::string(levels, '[') + std::string(levels, ']')).error().message(), HasSubstr("deep"));
}

TEST(JsonSchemaHostile, PatternsAreLinear) {
    const std::string text(200'000, 'a');
    EXPECT_EQ(check(R"({"pattern":"^(a+)+$"})", json::value(text + "!")).outcome, Outcome::invalid);
    EXPECT_EQ(check(R"({"pattern":"^(a+)+$"})", json::value(text)).outcome, Outcome::valid);
    const std::string big = R"({"pattern":")" + std::string(100'000, 'x') + R"("})";
    EXPECT_EQ(check(big, "x").outcome, Outcome::not_checked);
    EXPECT_EQ(check(R"({"pattern":"((a{1,900}){1,900}){1,900}"})", "a").outcome, Outcome::not_checked);
}

TEST(JsonSchemaHostile, StepsAndPartsAreBounded) {
    // Each level doubles the work: 2^40 without a bound.
    std::string schema = R"({"$defs":{"l0":{"type":"integer"})";
    for (int i = 1; i <= 40; ++i) {
        const std::string below = R"({"$ref":"#/$defs/l)" + std::to_string(i - 1) + R"("})";
        schema += R"(,"l)" + std::to_string(i) + R"(":{"allOf":[)" + below + "," + below + "]}";
    }
    const auto verdict = check(schema + R"(},"$ref":"#/$defs/l40"})", 1);
    EXPECT_EQ(verdict.outcome, Outcome::not_checked);
    EXPECT_THAT(verdict.why, HasSubstr("steps"));

    json::array many;
    for (int i = 0; i < 30'000; ++i) many.emplace_back(json::object());
    EXPECT_THAT(JsonSchema::compile(json::object{{"allOf", many}}).error().message(), HasSubstr("too many"));
}

TEST(JsonSchemaHostile, AHundredThousandItemsAreToldApart) {
    json::array items;
    for (int i = 0; i < 100'000; ++i) items.emplace_back(json::object{{"n", i}});
    EXPECT_EQ(check(R"({"uniqueItems":true})", items).outcome, Outcome::valid);
    items.emplace_back(json::object{{"n", 7.0}});
    EXPECT_THAT(check(R"({"uniqueItems":true})", items).why, HasSubstr("items 7 and 100000"));
}

TEST(JsonSchemaNumbers, CompareExactlyAcrossKinds) {
    using schema::compare_numbers;
    EXPECT_EQ(compare_numbers(json::value(std::uint64_t{9007199254740993}), json::value(9007199254740992.0)), 1);
    EXPECT_EQ(compare_numbers(json::value(1), json::value(1.0)), 0);
    EXPECT_EQ(compare_numbers(json::value(-1), json::value(std::uint64_t{18446744073709551615U})), -1);
    EXPECT_EQ(compare_numbers(json::value(-2), json::value(-1.5)), -1);
    EXPECT_EQ(compare_numbers(json::value(1e300), json::value(std::uint64_t{18446744073709551615U})), 1);
}

TEST(JsonSchemaUris, AreResolvedAsRfc3986Says) {
    using schema::resolve;
    const char* base = "http://a/b/c/d;p?q";
    EXPECT_EQ(resolve(base, "g"), "http://a/b/c/g");
    EXPECT_EQ(resolve(base, "./g"), "http://a/b/c/g");
    EXPECT_EQ(resolve(base, "g/"), "http://a/b/c/g/");
    EXPECT_EQ(resolve(base, "/g"), "http://a/g");
    EXPECT_EQ(resolve(base, "//g"), "http://g");
    EXPECT_EQ(resolve(base, "?y"), "http://a/b/c/d;p?y");
    EXPECT_EQ(resolve(base, "#s"), "http://a/b/c/d;p?q#s");
    EXPECT_EQ(resolve(base, "../g"), "http://a/b/g");
    EXPECT_EQ(resolve(base, "../../../g"), "http://a/g");
    EXPECT_EQ(resolve(base, ""), "http://a/b/c/d;p?q");
    EXPECT_EQ(resolve(base, "urn:x:y"), "urn:x:y");
    EXPECT_EQ(resolve("urn:x:y", "#a"), "urn:x:y#a");
    EXPECT_EQ(resolve("", "a#b"), "a#b");
}

TEST(JsonSchemaPatterns, EcmaIsSpeltForRe2) {
    using schema::in_re2_words;
    EXPECT_EQ(in_re2_words(R"(\u00e9\cA\p{Letter}(?<n>x)[^])"), R"(\x{00e9}\x{1}\p{L}(?P<n>x)(?s:.))");
    EXPECT_EQ(in_re2_words(R"(a\/b\d[\s\d])"), R"(a\/b\d[\s\d])");
}

}  // namespace
}  // namespace haive::mcp::testing
