#include "jsonrpc/json_slice_parser.hpp"

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <vector>

using namespace haive::mcp;

namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(std::string_view text) {
    Members out;
    JsonObjectSlices slices(text);
    while (slices.next()) out.emplace_back(slices.key(), slices.value());
    EXPECT_FALSE(slices.fault()) << slices.fault().what;
    return out;
}

std::vector<std::string> elements_of(std::string_view text) {
    std::vector<std::string> out;
    JsonArraySlices slices(text);
    while (slices.next()) out.emplace_back(slices.value());
    EXPECT_FALSE(slices.fault()) << slices.fault().what;
    return out;
}

JsonFault fault_of_object(std::string_view text) {
    JsonObjectSlices slices(text);
    while (slices.next()) {}
    EXPECT_FALSE(slices.next());
    return slices.fault();
}

JsonFault fault_of_array(std::string_view text) {
    JsonArraySlices slices(text);
    while (slices.next()) {}
    EXPECT_FALSE(slices.next());
    return slices.fault();
}

std::string decoded(std::string_view literal) {
    std::string out;
    return decode_json_string(literal, out) ? out : "(not a string)";
}

}  // namespace

TEST(JsonSlices, values_keep_their_spelling) {
    const Members wanted{{"a", "1.0e+00"},    {"b", R"({ "x" : [ 1,2 , {"}":"]"} ] })"},
                         {"c", R"("q\"\\")"}, {"d", "123456789012345678901234567890"},
                         {"e", "[]"},         {"f", "null"}};
    EXPECT_EQ(members_of("\n{ \"a\": 1.0e+00 ,\"b\"\t:{ \"x\" : [ 1,2 , {\"}\":\"]\"} ] },\"c\":\"q\\\"\\\\\","
                         "\"d\":123456789012345678901234567890,\"e\" : [],\"f\":null}  "),
              wanted);
    EXPECT_EQ(elements_of(R"([ {"a":1} ,"]", [2,[3]],-0])"),
              (std::vector<std::string>{R"({"a":1})", R"("]")", "[2,[3]]", "-0"}));
}

TEST(JsonSlices, empty_ones_have_nothing) {
    EXPECT_TRUE(members_of(" { } ").empty());
    EXPECT_TRUE(elements_of("[ ]").empty());
}

TEST(JsonSlices, keys_with_escapes_are_resolved) {
    const Members members = members_of(R"({"na\u006de":1,"\"":2,"":3})");
    EXPECT_EQ(members[0].first, "name");
    EXPECT_EQ(members[1].first, "\"");
    EXPECT_EQ(members[2].first, "");
}

TEST(JsonSlices, malformed_text_is_a_fault_with_its_place) {
    for (const char* bad : {"",
                            "  ",
                            "[]",
                            "{",
                            R"({"a")",
                            R"({"a":)",
                            R"({"a":})",
                            R"({"a":1)",
                            R"({"a":1,})",
                            R"({,})",
                            R"({"a":1 "b":2})",
                            R"({"a":[1,]})",
                            R"({"a":{]})",
                            R"({"a":tru})",
                            R"({"a":01})",
                            R"({"a":"x})",
                            R"({"a":"\q"})",
                            R"({"a":"\u12"})",
                            R"({a:1})",
                            R"({"a":1}})",
                            "{\"a\":\"\n\"}",
                            R"({"a":1.})",
                            R"({"a":-})",
                            R"({"a":1e})",
                            R"({"a":truefalse})",
                            R"({"a":{"b":[1}]})"}) {
        EXPECT_TRUE(fault_of_object(bad)) << bad;
    }
    for (const char* bad : {"", "{}", "[", "[1", "[1,", "[1,]", "[,]", "[1 2]", "[1]]", "[\"a]"}) {
        EXPECT_TRUE(fault_of_array(bad)) << bad;
    }
    EXPECT_EQ(fault_of_object(R"({"a":tru})").offset, 5U);
    EXPECT_STREQ(fault_of_object(R"({"a":1}})").what, "more text behind the object");
}

TEST(JsonSlices, depth_is_bounded_without_recursion) {
    const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    EXPECT_FALSE(check_json(nested(512)));
    EXPECT_TRUE(check_json(nested(513)));
    EXPECT_TRUE(check_json(std::string(100000, '[')));
    std::string objects;
    for (int i = 0; i < 100000; ++i) objects += R"({"a":)";
    EXPECT_STREQ(check_json(objects).what, "nested more than 512 levels deep");
    EXPECT_TRUE(fault_of_object("{\"a\":" + nested(513) + "}"));
    // Each level knows its own bracket.
    std::string mixed, closing;
    for (int i = 0; i < 256; ++i) {
        mixed += R"([{"k":)";
        closing += "]}";
    }
    EXPECT_FALSE(check_json(mixed + "1" + std::string(closing.rbegin(), closing.rend())));
    EXPECT_TRUE(check_json(mixed + "1" + closing));
}

TEST(JsonSlices, strings_are_decoded) {
    EXPECT_EQ(decoded(R"("plain text longer than eight")"), "plain text longer than eight");
    EXPECT_EQ(decoded(R"("\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00")"),
              "\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    EXPECT_EQ(decoded(R"("\ud800x\udc00")"), "\xef\xbf\xbdx\xef\xbf\xbd");
    EXPECT_EQ(decoded("\"1234567\xff\""), "1234567\xef\xbf\xbd");
    EXPECT_EQ(decoded(R"("\u0000")"), std::string(1, '\0'));
    for (const char* bad : {"", "\"", "1", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"a\"b\"", "null"}) {
        EXPECT_EQ(decoded(bad), "(not a string)") << bad;
    }
}

TEST(JsonSlices, utf8_is_what_rfc_3629_says) {
    const auto length = [](std::string_view s) { return utf8_length(s.data(), s.data() + s.size()); };
    EXPECT_EQ(length("a"), 1U);
    EXPECT_EQ(length("\xc2\x80"), 2U);
    EXPECT_EQ(length("\xe0\xa0\x80"), 3U);
    EXPECT_EQ(length("\xf4\x8f\xbf\xbf"), 4U);
    for (const char* bad : {"", "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xc3"}) {
        EXPECT_EQ(length(bad), 0U) << bad;
    }
}

TEST(JsonSlices, every_position_of_a_mark_in_a_word_is_found) {
    for (std::size_t before = 0; before < 40; ++before) {
        const std::string plain(before, '\x7f');
        EXPECT_EQ(decoded('"' + plain + "\xff" + plain + '"'), plain + "\xef\xbf\xbd" + plain);
        EXPECT_TRUE(check_json('"' + plain + std::string(1, '\0') + "abcdefghijklmnopq\""));
        EXPECT_EQ(decoded('"' + plain + "\\n" + plain + '"'), plain + '\n' + plain);
        EXPECT_TRUE(check_json('"' + plain + '\x1f' + "abcdefgh\""));
        EXPECT_FALSE(check_json('"' + plain + ' ' + "\xc3\xa9" + plain + '"'));
    }
}

// The two parsers of the library agree on what JSON is: the suite's files, and mutated documents.
TEST(JsonSlices, agrees_with_parse_json) {
    std::vector<std::string> seeds{R"({"a":[1,2.5e-3,{"b":"\u00e9\n"},null,true],"c":{"d":[[],{}]}})",
                                   R"(["x\\","\"",-0,1E5])"};
    namespace fs = std::filesystem;
    const char* given = std::getenv("HAIVE_TEST_DATA");
    const fs::path root = fs::path(__FILE__).parent_path() / "../../..";
    const fs::path folder =
        (given != nullptr ? fs::path(given) : root / "../shared/data") / "json-test-suite/test_parsing";
    if (fs::is_directory(folder)) {
        for (const auto& entry : fs::directory_iterator(folder)) {
            std::ifstream file(entry.path(), std::ios::binary);
            std::ostringstream text;
            text << file.rdbuf();
            if (text.str().size() < 4096) seeds.push_back(text.str());
        }
    }
    std::mt19937_64 random(4);
    constexpr std::string_view alphabet = "{}[]\",:\\u0123456789eE+-.truefalsn d8";
    int agreed = 0;
    for (int i = 0; i < 200000; ++i) {
        std::string text = seeds[static_cast<std::size_t>(i) % seeds.size()];
        const std::size_t changes = static_cast<std::size_t>(i) < seeds.size() ? 0 : random() % 3;
        for (std::size_t n = 0; n < changes && !text.empty(); ++n) {
            text[random() % text.size()] = alphabet[random() % alphabet.size()];
        }
        const bool ours = !check_json(text);
        auto theirs = parse_json(text);
        const bool too_large = !theirs && theirs.error().message().find("too large") != std::string::npos;
        const bool bad_bytes = ours && !theirs;  // a byte that is not UTF-8 outside strings cannot be ours
        if (too_large) continue;
        ASSERT_EQ(ours, theirs.has_value()) << text << bad_bytes << (theirs ? "" : theirs.error().message());
        ++agreed;
    }
    EXPECT_GT(agreed, 100000);
}
