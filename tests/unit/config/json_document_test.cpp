#include "config/json_document.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

std::string refusal(std::string_view text) {
    const auto parsed = parse_json_document(text);
    if (parsed.has_value()) return "accepted";
    EXPECT_EQ(parsed.error().kind(), ErrorKind::invalid_config);
    return parsed.error().message();
}

bool starts_with(const std::string& text, std::string_view head) { return text.starts_with(head); }

}  // namespace

TEST(JsonDocument, plain_json_is_read) {
    const auto parsed = parse_json_document(R"({"a": [1, 2.5, true, null, "text"]})");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->at("a").as_array().size(), 5u);
}

TEST(JsonDocument, comments_of_both_kinds_are_fine_everywhere) {
    const auto parsed =
        parse_json_document("// first\n{ /* in */ \"a\": 1, // after\n /* before */ \"b\": 2 }\n// last\n/* end */\n");
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
    EXPECT_EQ(parsed->at("b").to_number<int>(), 2);
}

TEST(JsonDocument, trailing_commas_are_fine) {
    const auto parsed = parse_json_document(R"({"a": [1, 2,], "b": {"c": 3,},})");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->at("a").as_array().size(), 2u);
}

TEST(JsonDocument, a_byte_order_mark_and_windows_line_ends_are_fine) {
    const auto parsed = parse_json_document("\xef\xbb\xbf{\r\n  \"a\": 1\r\n}\r\n");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->at("a").to_number<int>(), 1);
}

TEST(JsonDocument, a_comment_marker_within_a_string_is_text) {
    const auto parsed = parse_json_document(R"({"url": "http://host/*x*/"})");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->at("url").as_string(), "http://host/*x*/");
}

TEST(JsonDocument, a_mistake_is_shown_with_line_and_column) {
    EXPECT_TRUE(starts_with(refusal("{\n  \"a\": nope\n}"), "line 2, column 8: 'nope' is not expected here"))
        << refusal("{\n  \"a\": nope\n}");
    EXPECT_TRUE(starts_with(refusal("{\"a\" 1}"), "line 1, column 6: ")) << refusal("{\"a\" 1}");
    EXPECT_TRUE(starts_with(refusal("{\n\n\n   'a': 1}"), "line 4, column 4: a string must stand in double quotes"))
        << refusal("{\n\n\n   'a': 1}");
}

TEST(JsonDocument, columns_count_characters_not_bytes) {
    EXPECT_TRUE(starts_with(refusal("{\"\u00e4\u00f6\": nope}"), "line 1, column 8: "))
        << refusal("{\"\u00e4\u00f6\": nope}");
}

TEST(JsonDocument, an_unfinished_document_is_refused_at_its_end) {
    EXPECT_TRUE(starts_with(refusal("{\n \"a\": 1"), "line 2, column ")) << refusal("{\n \"a\": 1");
    EXPECT_TRUE(starts_with(refusal("{\"a\": \"open"), "line 1, column ")) << refusal("{\"a\": \"open");
}

TEST(JsonDocument, the_message_is_in_words_for_a_person) {
    EXPECT_EQ(refusal("{\"a\": 1").find("need more"), std::string::npos);
    EXPECT_NE(refusal("{\"a\": 1").find("end"), std::string::npos) << refusal("{\"a\": 1");
}

TEST(JsonDocument, an_empty_document_is_refused) {
    for (const char* text : {"", "   \n ", "// only a comment\n", "\xef\xbb\xbf"}) {
        EXPECT_TRUE(parse_json_document(text).has_error()) << text;
    }
}

TEST(JsonDocument, more_after_the_end_is_refused_where_it_starts) {
    EXPECT_EQ(refusal("{}\n{}"), "line 2, column 1: there is more after the end of the document");
    EXPECT_NE(refusal("{} x"), "accepted");
}

TEST(JsonDocument, a_key_that_comes_twice_is_named_with_its_place) {
    const std::string text = refusal("{\n \"files\": {},\n \"files\": {}\n}");
    EXPECT_TRUE(starts_with(text, "line 3, column ")) << text;
    EXPECT_NE(text.find("'files'"), std::string::npos) << text;
    EXPECT_NE(text.find("second time"), std::string::npos) << text;
}

TEST(JsonDocument, the_same_key_in_two_objects_is_fine) {
    EXPECT_TRUE(parse_json_document(R"({"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}, {"x": 2}]})").has_value());
}

TEST(JsonDocument, keys_that_differ_only_in_how_they_are_escaped_are_the_same_key) {
    EXPECT_NE(refusal(R"({"ab": 1, "\u0061b": 2})").find("second time"), std::string::npos);
}

TEST(JsonDocument, long_keys_are_compared_whole) {
    const std::string stem(5000, 'k');
    EXPECT_TRUE(parse_json_document("{\"" + stem + "a\": 1, \"" + stem + "b\": 2}").has_value());
    EXPECT_TRUE(parse_json_document("{\"" + stem + "\": 1, \"" + stem + "\": 2}").has_error());
}

TEST(JsonDocument, nesting_is_bounded) {
    EXPECT_TRUE(parse_json_document(std::string(40, '[') + std::string(40, ']')).has_value());
    EXPECT_TRUE(parse_json_document(std::string(100000, '[')).has_error());
}

TEST(JsonDocument, bytes_that_are_no_utf8_are_refused) {
    EXPECT_TRUE(parse_json_document("{\"a\": \"\xff\xfe\"}").has_error());
}
