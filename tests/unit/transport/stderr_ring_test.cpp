#include "transport/stdio/stderr_ring.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace haive::mcp {
namespace {

constexpr std::size_t no_limit = 1U << 20U;
const std::string mark = "\xef\xbf\xbd";  // U+FFFD

std::string all(const StderrRing& ring) { return ring.tail(no_limit, no_limit); }

/// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        const std::size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
        if (n == 0 || i + n > text.size()) return false;
        std::uint32_t point = n == 1 ? c : c & (0xffU >> (n + 1));
        for (std::size_t k = 1; k < n; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0U) != 0x80U) return false;
            point = (point << 6U) | (next & 0x3fU);
        }
        if (n == 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) return false;
        if (n == 4 && (point < 0x10000 || point > 0x10ffff)) return false;
        i += n;
    }
    return true;
}

/// No C0 control but newline and tab, no DEL, no C1 control (U+0080 to U+009F, two bytes in UTF-8).
bool has_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) return true;
        if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
    }
    return false;
}

TEST(StderrRing, is_empty_at_first) {
    const StderrRing ring(64);
    EXPECT_EQ(all(ring), "");
    EXPECT_EQ(ring.total(), 0U);
}

TEST(StderrRing, keeps_what_fits) {
    StderrRing ring(64);
    ring.add("one\n");
    ring.add("two\nthr");
    ring.add("ee\n");
    EXPECT_EQ(all(ring), "one\ntwo\nthree");
    EXPECT_EQ(ring.total(), 14U);
}

TEST(StderrRing, forgets_the_oldest_bytes_first) {
    StderrRing ring(8);
    ring.add("abcdef");
    ring.add("ghij");
    EXPECT_EQ(all(ring), "cdefghij");
    ring.add("k");
    EXPECT_EQ(all(ring), "defghijk");
    EXPECT_EQ(ring.total(), 11U);
}

TEST(StderrRing, keeps_the_end_of_a_flood_that_comes_at_once) {
    StderrRing ring(8);
    ring.add("xyz");
    ring.add(std::string(10'000, 'a') + "the end!");
    EXPECT_EQ(all(ring), "the end!");
    EXPECT_EQ(ring.total(), 10'011U);
}

TEST(StderrRing, of_no_size_keeps_nothing_but_counts) {
    StderrRing ring(0);
    ring.add("lost");
    EXPECT_EQ(all(ring), "");
    EXPECT_EQ(ring.total(), 4U);
}

TEST(StderrRing, filled_to_the_last_byte_loses_nothing) {
    StderrRing ring(5);
    ring.add("abcde");
    EXPECT_EQ(all(ring), "abcde");
    ring.add("");
    EXPECT_EQ(all(ring), "abcde");
}

TEST(StderrRing, always_holds_the_last_bytes_however_they_are_cut) {
    std::mt19937_64 r(31);
    for (int i = 0; i < 2'000; ++i) {
        const std::size_t capacity = 1 + r() % 40;
        StderrRing ring(capacity);
        std::string everything;
        for (int k = static_cast<int>(r() % 30); k > 0; --k) {
            std::string piece(r() % 60, ' ');
            for (char& c : piece) c = static_cast<char>('a' + r() % 26);
            ring.add(piece);
            everything += piece;
        }
        const std::size_t kept = std::min(capacity, everything.size());
        ASSERT_EQ(all(ring), everything.substr(everything.size() - kept));
        ASSERT_EQ(ring.total(), everything.size());
    }
}

TEST(StderrRing, a_megabyte_of_chatter_stays_within_the_bound) {
    StderrRing ring(4096);
    for (int i = 0; i < 20'000; ++i) ring.add("a line of chatter that nobody reads, number x\n");
    EXPECT_EQ(ring.total(), 20'000U * 46);
    EXPECT_LE(all(ring).size(), 4096U);
    EXPECT_EQ(ring.tail(1, no_limit), "a line of chatter that nobody reads, number x");
}

TEST(StderrRingTail, gives_the_last_lines_without_the_final_newline) {
    StderrRing ring(256);
    ring.add("one\ntwo\nthree\nfour\n");
    EXPECT_EQ(ring.tail(1, no_limit), "four");
    EXPECT_EQ(ring.tail(2, no_limit), "three\nfour");
    EXPECT_EQ(ring.tail(4, no_limit), "one\ntwo\nthree\nfour");
    EXPECT_EQ(ring.tail(99, no_limit), "one\ntwo\nthree\nfour");
}

TEST(StderrRingTail, an_unfinished_last_line_counts) {
    StderrRing ring(256);
    ring.add("one\ntwo\nthr");
    EXPECT_EQ(ring.tail(2, no_limit), "two\nthr");
}

TEST(StderrRingTail, empty_lines_at_the_end_are_left_out_and_in_between_are_kept) {
    StderrRing ring(256);
    ring.add("one\n\ntwo\r\n\r\n\n");
    EXPECT_EQ(ring.tail(2, no_limit), "\ntwo");
    EXPECT_EQ(ring.tail(3, no_limit), "one\n\ntwo");
    StderrRing blank(16);
    blank.add("\n\r\n\n");
    EXPECT_EQ(all(blank), "");
}

TEST(StderrRingTail, no_lines_means_none) {
    StderrRing ring(64);
    ring.add("one\ntwo\n");
    EXPECT_EQ(ring.tail(0, no_limit), "");
}

TEST(StderrRingTail, is_cut_to_its_bytes) {
    StderrRing ring(256);
    ring.add("one\ntwo\nthree\n");
    EXPECT_EQ(ring.tail(no_limit, 5), "three");
    EXPECT_EQ(ring.tail(no_limit, 4), "hree");
    EXPECT_EQ(ring.tail(no_limit, 7), "o\nthree");
    EXPECT_EQ(ring.tail(no_limit, 0), "");
}

TEST(StderrRingTail, is_never_longer_than_its_bytes_even_if_bytes_are_replaced) {
    StderrRing ring(256);
    ring.add(std::string(200, '\xff'));
    EXPECT_LE(ring.tail(no_limit, 100).size(), 100U);
}

TEST(StderrRingTail, works_across_the_seam_of_the_ring) {
    StderrRing ring(16);
    ring.add("0123456789\nabc\ndef\n");  // 19 bytes in 16
    EXPECT_EQ(ring.tail(2, no_limit), "abc\ndef");
    EXPECT_EQ(ring.tail(3, no_limit), "3456789\nabc\ndef");
}

TEST(Printable, leaves_ordinary_text_alone) {
    for (const std::string_view text :
         {"", "plain ASCII ~", "two\nlines\twith a tab", "gr\xc3\xbc\xc3\x9f", "\xe6\x97\xa5\xe6\x9c\xac",
          "\xf0\x9f\x9a\x80", "\xc2\xa0", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf", "\xee\x80\x80", "\xed\x9f\xbf"}) {
        EXPECT_EQ(printable(text), text);
    }
}

TEST(Printable, replaces_control_characters) {
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
    EXPECT_EQ(printable("bell\a back\b del\x7f"), "bell? back? del?");
    EXPECT_EQ(printable("\x1b]0;title\x07"), "?]0;title?");
    EXPECT_EQ(printable("end\x1b"), "end?");
    EXPECT_EQ(printable("a\r\nb"), "a\nb") << "a carriage return is dropped";
}

TEST(Printable, leaves_colours_out) {
    EXPECT_EQ(printable("\x1b[31mred\x1b[0m and \x1b[1;38;5;200mbold\x1b[m"), "red and bold");
    EXPECT_EQ(printable("a\x1b["), "a");
    EXPECT_EQ(printable("a\x1b[31"), "a");
}

TEST(Printable, an_unfinished_colour_does_not_swallow_the_next_line) {
    EXPECT_EQ(printable("broken \x1b[\nError: no such file"), "broken \nError: no such file");
}

TEST(Printable, replaces_each_stray_byte) {
    EXPECT_EQ(printable("\x80"), mark);
    EXPECT_EQ(printable("a\xff\xfe"), "a" + mark + mark);
    EXPECT_EQ(printable("\xc3"), mark);
    EXPECT_EQ(printable("\xe6\x97"), mark + mark);
    EXPECT_EQ(printable("\xc3("), mark + "(") << "resumes with the byte that did not belong";
    EXPECT_EQ(printable("\xc0\xaf"), mark + mark);
    EXPECT_EQ(printable("\xf5\x80\x80\x80"), mark + mark + mark + mark);
}

TEST(Printable, replaces_sequences_that_only_look_like_utf8) {
    for (const std::string_view text : {"\xe0\x80\x9b", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
                                        "\xf0\x80\x80\x9b", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80"}) {
        const std::string shown = printable(text);
        EXPECT_TRUE(is_utf8(shown)) << testing::PrintToString(std::string(text));
        EXPECT_NE(shown, text);
    }
}

TEST(Printable, replaces_the_control_characters_beyond_ascii) {
    for (int c = 0x80; c < 0xa0; ++c) {
        const std::string text = {'a', '\xc2', static_cast<char>(c), 'b'};
        EXPECT_FALSE(has_control(printable(text))) << "U+00" << std::hex << c << " (9b begins an escape sequence)";
    }
}

TEST(Printable, keeps_ascii_of_any_bytes_free_of_controls_and_short) {
    std::mt19937_64 r(32);
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes(r() % 64, ' ');
        for (char& c : bytes) c = static_cast<char>(r() % 128);
        const std::string shown = printable(bytes);
        ASSERT_FALSE(has_control(shown));
        ASSERT_LE(shown.size(), bytes.size());
    }
}

TEST(Printable, any_bytes_become_clean_utf8) {
    std::mt19937_64 r(33);
    int dirty = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes(r() % 64, ' ');
        for (char& c : bytes) c = static_cast<char>(r() % 256);
        const std::string shown = printable(bytes);
        dirty += !is_utf8(shown) || has_control(shown);
    }
    EXPECT_EQ(dirty, 0) << "of 20,000 texts";
}

}  // namespace
}  // namespace haive::mcp
