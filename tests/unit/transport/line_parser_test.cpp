#include "transport/stream/line_parser.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace haive::mcp;

namespace {

struct Collected {
    std::vector<std::string> lines;
    std::vector<std::size_t> overlong;
    std::string head, tail;

    void feed(LineParser& parser, std::string block) {
        const std::size_t size = block.size();
        block.append(64, '#');
        parser.feed(
            block.data(), size,
            [&](std::string_view line) {
                lines.emplace_back(line);
                return true;
            },
            [&](const OverlongLine& line) {
                overlong.push_back(line.size);
                head = line.head;
                tail = line.tail;
                return true;
            });
    }
};

}  // namespace

TEST(LineParser, cuts_lines_and_strips_carriage_returns) {
    LineParser parser(100);
    Collected got;
    got.feed(parser, "one\ntwo\r\n\nthree");
    EXPECT_EQ(got.lines, (std::vector<std::string>{"one", "two", ""}));
    EXPECT_EQ(parser.pending(), 5u);
    got.feed(parser, "\n");
    EXPECT_EQ(got.lines.back(), "three");
}

TEST(LineParser, the_same_lines_come_out_whatever_the_slicing) {
    SplitMix random(7);
    std::string stream;
    std::vector<std::string> expected;
    for (int i = 0; i < 300; ++i) {
        std::string line(random.next() % 40, static_cast<char>('a' + i % 26));
        expected.push_back(line);
        stream += line + "\n";
    }
    for (int round = 0; round < 50; ++round) {
        LineParser parser(1000);
        Collected got;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t n = 1 + random.next() % 60;
            got.feed(parser, stream.substr(at, n));
            at += n;
        }
        ASSERT_EQ(got.lines, expected) << "round " << round;
    }
}

TEST(LineParser, a_line_over_the_cap_is_dropped_alone_and_its_ends_are_kept) {
    for (const std::size_t slice : {1u, 7u, 4096u}) {
        LineParser parser(1024);
        Collected got;
        const std::string stream = "before\n{\"id\":7," + std::string(5000, 'x') + ",\"end\":9}\nafter\n";
        for (std::size_t at = 0; at < stream.size(); at += slice) got.feed(parser, stream.substr(at, slice));
        EXPECT_EQ(got.lines, (std::vector<std::string>{"before", "after"})) << slice;
        ASSERT_EQ(got.overlong.size(), 1u);
        EXPECT_EQ(got.overlong[0], 5000u + 8 + 9);
        EXPECT_TRUE(got.head.starts_with("{\"id\":7,"));
        EXPECT_TRUE(got.tail.ends_with(",\"end\":9}"));
    }
}

TEST(LineParser, a_line_of_exactly_the_cap_passes) {
    LineParser parser(8);
    Collected got;
    got.feed(parser, "12345678\n123456789\n");
    EXPECT_EQ(got.lines, (std::vector<std::string>{"12345678"}));
    EXPECT_EQ(got.overlong, (std::vector<std::size_t>{9}));
}

TEST(LineParser, stopping_drops_the_rest_of_the_block) {
    LineParser parser(100);
    std::string block = "a\nb\nc\n" + std::string(64, ' ');
    int seen = 0;
    parser.feed(
        block.data(), 6, [&](std::string_view) { return ++seen < 2; }, [](const OverlongLine&) { return true; });
    EXPECT_EQ(seen, 2);
}
