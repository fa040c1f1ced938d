#include "config/json_places.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

std::string at(std::string_view text, std::string_view pointer) {
    const JsonPlaces places(text);
    const auto* place = places.find(pointer);
    return place == nullptr ? "nowhere" : std::string(text.substr(place->value, place->end - place->value));
}

}  // namespace

TEST(JsonPlaces, each_value_is_found_by_its_pointer) {
    constexpr std::string_view text = R"({"a": [1, "two", {"x": true}], "b": {"c": null}})";
    EXPECT_EQ(at(text, ""), text);
    EXPECT_EQ(at(text, "/a/0"), "1");
    EXPECT_EQ(at(text, "/a/1"), "\"two\"");
    EXPECT_EQ(at(text, "/a/2/x"), "true");
    EXPECT_EQ(at(text, "/b"), R"({"c": null})");
    EXPECT_EQ(at(text, "/b/c"), "null");
    EXPECT_EQ(at(text, "/c"), "nowhere");
}

TEST(JsonPlaces, comments_commas_and_brackets_within_strings_do_not_confuse_it) {
    constexpr std::string_view text =
        "// {\n{ /* [ */ \"a\": \"}]\\\"/*\", // \"a\"\n \"b\" /**/ : [1,/*,*/2 , ], \"c\": 3// x\n}\n";
    EXPECT_EQ(at(text, "/a"), "\"}]\\\"/*\"");
    EXPECT_EQ(at(text, "/b/1"), "2");
    EXPECT_EQ(at(text, "/c"), "3");
}

TEST(JsonPlaces, keys_are_compared_as_they_are_meant) {
    constexpr std::string_view text = R"({"a/b": {"\u0063~": 1}})";
    EXPECT_EQ(at(text, pointer_to(pointer_to("", "a/b"), "c~")), "1");
    EXPECT_EQ(pointer_to("", "a/b~"), "/a~1b~0");
    const JsonPlaces places(text);
    EXPECT_EQ(places.find("/a~1b")->key, 1u);
}

TEST(JsonPlaces, empty_objects_and_arrays_have_a_place) {
    EXPECT_EQ(at("[{}, [], { } ]", "/1"), "[]");
    EXPECT_EQ(at("[{}, [], { } ]", "/2"), "{ }");
}
