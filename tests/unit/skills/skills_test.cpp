#include "skills/frontmatter.hpp"
#include "skills/skill_bytes.hpp"
#include "skills/skill_entry.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

std::string frontmatter(std::string_view yaml) {
    auto text = parse_skill_text("---\n" + std::string(yaml) + "\n---\nbody\n");
    return text.has_error() ? text.error().message() : json::serialize(text->frontmatter);
}

TEST(Frontmatter, IsReadWithTheTypesOfYaml12) {
    EXPECT_EQ(
        frontmatter("name: pdf\nn: 7\nneg: -3\nf: 1.5\nyes: yes\nt: true\nnull: ~\nq: \"7\"\nv: 1.2.3\nd: 2024-01-01"),
        R"({"name":"pdf","n":7,"neg":-3,"f":1.5E0,"yes":"yes","t":true,"null":null,"q":"7","v":"1.2.3","d":"2024-01-01"})");
    EXPECT_EQ(frontmatter("list:\n  - a\n  - [b, 2]\nmap: {x: 1}\nlong: >\n  two\n  lines\n"),
              "{\"list\":[\"a\",[\"b\",2]],\"map\":{\"x\":1},\"long\":\"two lines\\n\"}");
    EXPECT_EQ(frontmatter(""), "{}");
}

TEST(Frontmatter, EndsAtItsLineAndTheBodyFollows) {
    const auto text = parse_skill_text("\xEF\xBB\xBF---\r\nname: a\r\n---  \r\n# Body\n---\nmore");
    ASSERT_TRUE(text.has_value());
    EXPECT_EQ(text->body, "# Body\n---\nmore");
    EXPECT_TRUE(parse_skill_text("name: a").has_error());
    EXPECT_TRUE(parse_skill_text("---\nname: a\n").has_error());
}

TEST(Frontmatter, WhatAnAttackNeedsIsRefused) {
    EXPECT_THAT(frontmatter("a: &x 1\nb: *x"), HasSubstr("anchors"));
    EXPECT_THAT(frontmatter("a: !!python/object 1"), HasSubstr("tags"));
    EXPECT_THAT(frontmatter("a: 1\na: 2"), HasSubstr("twice"));
    EXPECT_THAT(frontmatter("- a"), HasSubstr("no mapping"));
    EXPECT_THAT(frontmatter("a: [1"), HasSubstr("line"));
    EXPECT_THAT(frontmatter("a: " + std::string(100, '[') + std::string(100, ']')), HasSubstr("deep"));
    EXPECT_THAT(frontmatter("a: " + std::string(70'000, 'x')), HasSubstr("64 KiB"));
}

TEST(Frontmatter, IsComparedFieldByField) {
    const auto a = json::parse(R"({"name":"x","n":1,"l":[1,{"k":"v"}]})").as_object();
    EXPECT_EQ(frontmatter_difference(a, json::parse(R"({"l":[1.0,{"k":"v"}],"n":1,"name":"x"})").as_object()), "");
    EXPECT_THAT(frontmatter_difference(a, json::parse(R"({"name":"y","n":1,"l":[1,{"k":"v"}]})").as_object()),
                HasSubstr("`name` is \"y\""));
    EXPECT_THAT(frontmatter_difference(a, json::parse(R"({"name":"x","n":1})").as_object()), HasSubstr("missing"));
    EXPECT_THAT(frontmatter_difference(a, json::parse(R"({"name":"x","n":1,"l":[1,{"k":"v"}],"z":0})").as_object()),
                HasSubstr("not in the entry"));
}

const std::string text = "---\nname: pdf\ndescription: d\n---\nBody\n";

Skill skill() {
    json::object file{{"uri", "skill://pdf/SKILL.md"},
                      {"digest", sha256_digest(text)},
                      {"size", static_cast<std::int64_t>(text.size())}};
    json::object form{{"uri", "skill://pdf/a/F.md"}, {"digest", sha256_digest("x")}, {"size", 1}};
    return parse_skill(json::object{{"uri", "skill://pdf/SKILL.md"},
                                    {"frontmatter", json::object{{"name", "pdf"}, {"description", "d"}}},
                                    {"resources", json::array{file, form}}})
        .value();
}

TEST(Skills, FilesAreFoundByUriAndByPath) {
    EXPECT_EQ(find_file(skill(), "")->uri, "skill://pdf/SKILL.md");
    EXPECT_EQ(find_file(skill(), "a/F.md")->uri, "skill://pdf/a/F.md");
    EXPECT_EQ(find_file(skill(), "skill://pdf/a/F.md#top")->uri, "skill://pdf/a/F.md");
    EXPECT_TRUE(find_file(skill(), "b.md").has_error());
    Skill dynamic = skill();
    dynamic.dynamic = true;
    EXPECT_TRUE(find_file(dynamic, "b.md").has_value());
    EXPECT_TRUE(find_file(dynamic, "../../etc/passwd").has_error());
    EXPECT_TRUE(find_file(dynamic, "https://elsewhere/x").has_error());
}

TEST(Skills, AFileIsWhatItsEntryPromisedOrNotUsed) {
    const Skill s = skill();
    const auto entry = find_file(s, "").value();
    const auto good = check_file(s, entry, text, sha256_digest(text));
    ASSERT_TRUE(good.has_value());
    EXPECT_TRUE(good->verified);
    EXPECT_EQ(good->body, "Body\n");
    EXPECT_THAT(check_file(s, entry, text + "x", sha256_digest(text + "x")).error().message(), HasSubstr("bytes"));
    std::string other = text;
    other.back() = ' ';
    EXPECT_THAT(check_file(s, entry, other, sha256_digest(other)).error().message(), HasSubstr("promises sha256:"));
    Skill renamed = s;
    renamed.frontmatter["name"] = "other";
    EXPECT_THAT(check_file(renamed, entry, text, sha256_digest(text)).error().message(), HasSubstr("not loaded"));
}

TEST(Skills, MalformedEntriesAreRefused) {
    for (
        const std::string_view bad :
        {R"({})", R"({"uri":"s"})", R"({"uri":"s","frontmatter":{"name":"a"},"resources":[]})",
         R"({"uri":"s","frontmatter":{"name":"a","description":"b"}})",
         R"({"uri":"s","frontmatter":{"name":"a","description":"b"},"resources":[{"uri":"x"}]})",
         R"({"uri":"s","frontmatter":{"name":"a","description":"b"},"resources":[{"uri":"x","digest":"sha256:0","size":1}]})"}) {
        EXPECT_TRUE(parse_skill(json::parse(bad)).has_error()) << bad;
    }
}

TEST(Skills, BytesAreTheTextOrTheDecodedBlob) {
    ResourceContents contents;
    contents.blob = "aGk=";
    EXPECT_EQ(bytes_of(contents).value(), "hi");
    contents.blob = "!!!!";
    EXPECT_TRUE(bytes_of(contents).has_error());
    contents.text = "t";
    EXPECT_EQ(bytes_of(contents).value(), "t");
    EXPECT_EQ(sha256_digest(""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace haive::mcp::testing
