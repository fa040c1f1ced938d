#include "config/env_file.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

TEST(EnvFile, the_lines_that_people_write_are_read) {
    const auto read =
        parse_env_file("# comment\nA=1\n export B = two words \r\nC='as $is #x'\nD=\"a\\nb \\\"q\\\"\"\n\nE=\n"
                       "F=a#b # said behind it\nG=https://h/?a=b");
    ASSERT_TRUE(read.has_value()) << read.error().message();
    EXPECT_EQ(read->at("A"), "1");
    EXPECT_EQ(read->at("B"), "two words");
    EXPECT_EQ(read->at("C"), "as $is #x");
    EXPECT_EQ(read->at("D"), "a\nb \"q\"");
    EXPECT_EQ(read->at("E"), "");
    EXPECT_EQ(read->at("F"), "a#b");
    EXPECT_EQ(read->at("G"), "https://h/?a=b");
}

TEST(EnvFile, a_wrong_line_is_named_by_its_number_and_not_repeated) {
    for (const auto* text : {"A=1\nhunter2", "A=1\n2hunter=x", "A=1\nB='hunter2", "A=1\nB=\"hunter2\\\""}) {
        const auto read = parse_env_file(text);
        ASSERT_TRUE(read.has_error()) << text;
        EXPECT_TRUE(read.error().message().starts_with("line 2 ")) << read.error().message();
        EXPECT_EQ(read.error().to_string().find("hunter"), std::string::npos);
    }
}
