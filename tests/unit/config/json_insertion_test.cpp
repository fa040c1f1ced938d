#include "config/json_insertion.hpp"

#include "config/json_document.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

std::string inserted(std::string_view text, std::string_view object, std::string_view key = "new",
                     std::string_view value = "1") {
    std::string out = insert_json_member(text, object, key, boost::json::parse(value));
    const auto parsed = parse_json_document(out);
    EXPECT_TRUE(parsed.has_value()) << out << parsed.error().message();
    return out;
}

}  // namespace

TEST(JsonInsertion, a_member_comes_last_in_the_files_own_indentation) {
    EXPECT_EQ(inserted("{\n    \"a\": {\n        \"b\": 1\n    }\n}\n", "/a"),
              "{\n    \"a\": {\n        \"b\": 1,\n        \"new\": 1\n    }\n}\n");
}

TEST(JsonInsertion, comments_and_trailing_commas_stay) {
    EXPECT_EQ(inserted("{\n  \"a\": { // x\n    \"b\": 1, // y, z\n    /* } */\n  },\n}", "/a"),
              "{\n  \"a\": { // x\n    \"b\": 1, // y, z\n    /* } */\n    \"new\": 1\n  },\n}");
    EXPECT_EQ(inserted("{\n  \"a\": {\n    \"b\": 1 // y\n  }\n}", "/a"),
              "{\n  \"a\": {\n    \"b\": 1, // y\n    \"new\": 1\n  }\n}");
}

TEST(JsonInsertion, empty_objects_and_one_line_files_are_fine) {
    EXPECT_EQ(inserted("{}", ""), "{\n  \"new\": 1\n}");
    EXPECT_EQ(inserted("{\"a\": {}}", "/a"), "{\"a\": {\n  \"new\": 1\n}}");
    EXPECT_EQ(inserted("{\"a\": {\"b\": 1}}", "/a"), "{\"a\": {\"b\": 1,\n  \"new\": 1\n}}");
    EXPECT_EQ(inserted("{ // only a comment\n}", ""), "{ // only a comment\n  \"new\": 1\n}");
}

TEST(JsonInsertion, keys_and_objects_are_written_out) {
    EXPECT_EQ(
        inserted("{\n  \"a/b\": {}\n}", "/a~1b", "q\"", R"({"command": "x", "args": ["1", "2"]})"),
        "{\n  \"a/b\": {\n    \"q\\\"\": {\n      \"command\": \"x\",\n      \"args\": [\"1\", \"2\"]\n    }\n  }\n}");
}
