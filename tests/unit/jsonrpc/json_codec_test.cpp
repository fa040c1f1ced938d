#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>
#include <sstream>

using namespace haive::mcp;

namespace {

std::string shortest(double d) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), d).ptr};
}

std::string message_of(std::string_view text) {
    auto value = parse_json(text);
    return value ? "parsed" : value.error().message();
}

std::string literal(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string text_of(const Result<json::value>& value) {
    return std::string(std::string_view(value.value().as_string()));
}

}  // namespace

TEST(JsonCodec, reads_every_kind_of_value) {
    auto value = parse_json(R"( {"a":[1,-2,18446744073709551615,1.5,true,false,null,"x\n\u00e9"],"b":{}} )");
    ASSERT_TRUE(value) << value.error().message();
    const json::array& a = value->at("a").as_array();
    EXPECT_EQ(a[0].as_int64(), 1);
    EXPECT_EQ(a[1].as_int64(), -2);
    EXPECT_EQ(a[2].as_uint64(), 18446744073709551615U);
    EXPECT_EQ(a[3].as_double(), 1.5);
    EXPECT_EQ(a[7].as_string(), "x\n\xc3\xa9");
    EXPECT_TRUE(value->at("b").as_object().empty());
}

TEST(JsonCodec, doubles_are_exact_to_the_last_bit) {
    std::mt19937_64 random(20260728);
    for (int i = 0; i < 200000; ++i) {
        const auto wanted = std::bit_cast<double>(random());
        if (!std::isfinite(wanted)) continue;
        std::string text = shortest(wanted);
        if (text.find_first_of(".e") == std::string::npos) text += ".0";
        auto value = parse_json(text);
        ASSERT_TRUE(value) << text;
        ASSERT_EQ(std::bit_cast<std::uint64_t>(value->as_double()), std::bit_cast<std::uint64_t>(wanted)) << text;
    }
}

TEST(JsonCodec, long_spellings_of_doubles_are_exact) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 20000; ++i) {
        std::string text = std::to_string(random()) + '.' + std::to_string(random()) + std::to_string(random()) + "e" +
                           std::to_string(static_cast<int>(random() % 600) - 300);
        double wanted = 0;
        std::from_chars(text.data(), text.data() + text.size(), wanted);
        auto value = parse_json(text);
        if (!value) continue;  // beyond the largest double
        ASSERT_EQ(value->as_double(), wanted) << text;
    }
}

TEST(JsonCodec, integers_beyond_64_bits_become_doubles) {
    EXPECT_EQ(parse_json("123456789012345678901234567890")->as_double(), 123456789012345678901234567890.0);
    EXPECT_EQ(parse_json("-9223372036854775809")->as_double(), -9223372036854775809.0);
    EXPECT_EQ(parse_json("-9223372036854775808")->as_int64(), std::numeric_limits<std::int64_t>::min());
}

TEST(JsonCodec, a_number_beyond_every_double_is_refused_and_a_tiny_one_is_zero) {
    EXPECT_EQ(message_of("[1e400]"), "not valid JSON: a number too large for a double, at byte 1 near `[1e400]`");
    EXPECT_EQ(message_of("[-1.5e999999999999]").find("not valid JSON: a number too large for a double"), 0U);
    EXPECT_EQ(message_of(std::string(400, '9')).find("not valid JSON: a number too large"), 0U);
    EXPECT_EQ(parse_json("1e-400")->as_double(), 0.0);
    EXPECT_TRUE(std::signbit(parse_json("-1e-400")->as_double()));
    EXPECT_EQ(parse_json("4.9e-324")->as_double(), std::numeric_limits<double>::denorm_min());
}

TEST(JsonCodec, depth_is_bounded) {
    const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    EXPECT_TRUE(parse_json(nested(512)));
    EXPECT_NE(message_of(nested(513)).find("nested more than 512 levels deep, at byte 512"), std::string::npos);
    EXPECT_FALSE(parse_json(std::string(100000, '[')));
    std::string objects;
    for (int i = 0; i < 100000; ++i) objects += R"({"a":)";
    EXPECT_FALSE(parse_json(objects));
}

TEST(JsonCodec, lone_surrogates_become_the_replacement_character) {
    EXPECT_EQ(text_of(parse_json(R"("a\ud800b")")), "a\xef\xbf\xbd"
                                                    "b");
    EXPECT_EQ(text_of(parse_json(R"("\udc00\ud83d\ude00\ud83d")")), "\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbd");
    EXPECT_EQ(text_of(parse_json(R"("\ud83d\ud83d\ude00")")), "\xef\xbf\xbd\xf0\x9f\x98\x80");
    EXPECT_EQ(text_of(parse_json(R"("\\ud800")")), "\\ud800");
    EXPECT_TRUE(parse_json(R"({"\ud800":1})")->as_object().contains("\xef\xbf\xbd"));
}

TEST(JsonCodec, bytes_that_are_not_utf8_become_the_replacement_character) {
    EXPECT_EQ(text_of(parse_json("\"a\xff z\xc3\"")), "a\xef\xbf\xbd z\xef\xbf\xbd");
    EXPECT_EQ(text_of(parse_json("\"\xed\xa0\x80\"")), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    // Both at once; and an offset that counts the bytes as they came.
    EXPECT_EQ(text_of(parse_json("\"\xff\\ud800\"")), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_NE(message_of("[\"\xff\xff\",]").find("at byte 6"), std::string::npos) << message_of("[\"\xff\xff\",]");
}

TEST(JsonCodec, errors_say_what_and_where) {
    auto error = parse_json(R"({"a":1} x)").error();
    EXPECT_EQ(error.kind(), ErrorKind::protocol_violation);
    EXPECT_EQ(error.disposition(), Disposition::executed);
    EXPECT_EQ(error.message(), "not valid JSON: more text behind the value, at byte 8 near `{\"a\":1} x`");
    EXPECT_NE(message_of("").find("the text is empty"), std::string::npos);
    EXPECT_NE(message_of(R"({"a")").find("ends too early"), std::string::npos);
    for (const char* bad : {"[1,]", "{,}", "[01]", "nul", "'a'", "[1 2]", "// c\n1", "NaN", "\"\t\"", "{\"a\":1,}"}) {
        EXPECT_FALSE(parse_json(bad)) << bad;
    }
}

TEST(JsonCodec, what_append_json_string_writes_reads_back) {
    EXPECT_EQ(literal("a\"b\\c/\n\r\t\x01\x1f"), R"("a\"b\\c/\n\r\t\u0001\u001f")");
    EXPECT_EQ(literal("\xe2\x82\xac"), "\"\xe2\x82\xac\"");
    EXPECT_EQ(literal("\xff"), "\"\xef\xbf\xbd\"");
    EXPECT_EQ(literal(""), "\"\"");
    std::string all;
    for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
    EXPECT_EQ(text_of(parse_json(literal(all))), all);
}

TEST(JsonCodec, random_bytes_always_make_a_readable_string) {
    std::mt19937_64 random(99);
    for (int i = 0; i < 5000; ++i) {
        std::string bytes(random() % 64, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        auto value = parse_json(literal(bytes));
        ASSERT_TRUE(value) << value.error().message();
        ASSERT_TRUE(parse_json(json::serialize(*value)));
    }
}

// The files of nst/JSONTestSuite: y_ must be read, n_ refused, i_ are ours to decide (no crash).
TEST(JsonCodec, json_test_suite) {
    namespace fs = std::filesystem;
    const char* given = std::getenv("HAIVE_TEST_DATA");
    const fs::path root = fs::path(__FILE__).parent_path() / "../../..";
    const fs::path folder =
        (given != nullptr ? fs::path(given) : root / "../shared/data") / "json-test-suite/test_parsing";
    if (!fs::is_directory(folder)) {
        std::cout << "[   note   ] no JSONTestSuite at " << folder << ": skipped (set HAIVE_TEST_DATA)\n";
        return;
    }
    int yes = 0, no = 0, either = 0, accepted = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        const std::string name = entry.path().filename().string();
        const bool read = parse_json(text.str()).has_value();
        if (name.starts_with("y_")) {
            ++yes;
            EXPECT_TRUE(read) << name;
        } else if (name.starts_with("n_")) {
            ++no;
            EXPECT_FALSE(read) << name;
        } else {
            ++either;
            accepted += read ? 1 : 0;
        }
    }
    std::cout << "[   note   ] " << yes << " y_, " << no << " n_, " << either << " i_ (" << accepted << " accepted)\n";
    EXPECT_GT(yes + no, 200);
}
