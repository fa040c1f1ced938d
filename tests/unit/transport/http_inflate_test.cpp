#include "transport/http/http_inflate.hpp"

#include <gtest/gtest.h>
#include <string>
#include <zlib.h>

namespace haive::mcp {
namespace {

using Coding = HttpInflate::Coding;
using Fed = HttpInflate::Fed;

std::string squeeze(const std::string& text, int bits) {
    z_stream z{};
    deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&z, text.size()) + 64, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

struct Unfolded : HttpInflate::Sink {
    std::string text;
    std::size_t limit = std::string::npos;
    bool on_inflated(char* data, std::size_t size) override {
        text.append(data, size);
        return text.size() < limit;
    }
};

Fed feed(HttpInflate& inflate, std::string bytes, std::size_t slice, Unfolded& out) {
    Fed fed = Fed::more;
    for (std::size_t at = 0; at < bytes.size() && fed == Fed::more; at += slice) {
        std::string piece = bytes.substr(at, slice);
        fed = inflate.feed(piece.data(), piece.size(), out);
    }
    return fed;
}

std::string sample() {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919) + ",";
    return text;
}

TEST(HttpInflate, UndoesEveryWrappingWhateverTheSlicing) {
    const std::string text = sample();
    struct Case {
        Coding coding;
        int bits;
    };
    for (const Case& one :
         {Case{Coding::gzip, 31}, Case{Coding::gzip, 15}, Case{Coding::deflate, 15}, Case{Coding::deflate, -15}}) {
        for (const std::size_t slice : {std::size_t{1}, std::size_t{777}, std::size_t{1} << 20}) {
            HttpInflate inflate(one.coding);
            Unfolded out;
            EXPECT_EQ(feed(inflate, squeeze(text, one.bits), slice, out), Fed::more) << one.bits << " " << slice;
            EXPECT_TRUE(out.text == text) << one.bits << " " << slice;
            EXPECT_TRUE(inflate.complete());
        }
    }
}

TEST(HttpInflate, TakesSeveralMembersAndPadding) {
    HttpInflate inflate(Coding::gzip);
    Unfolded out;
    std::string bytes = squeeze("one ", 31) + squeeze("two", 31);
    bytes.append(8, '\0');
    EXPECT_EQ(feed(inflate, bytes, 3, out), Fed::more);
    EXPECT_EQ(out.text, "one two");
    EXPECT_TRUE(inflate.complete());
}

TEST(HttpInflate, NoticesWhatIsCutOffOrDamaged) {
    const std::string whole = squeeze(sample(), 31);
    HttpInflate cut(Coding::gzip);
    Unfolded out;
    EXPECT_EQ(feed(cut, whole.substr(0, whole.size() - 5), 1000, out), Fed::more);
    EXPECT_FALSE(cut.complete());

    std::string damaged = whole;
    damaged[damaged.size() / 2] ^= 0x55;
    HttpInflate broken(Coding::gzip);
    EXPECT_EQ(feed(broken, damaged, 1000, out), Fed::broken);
    HttpInflate text(Coding::gzip);
    EXPECT_EQ(feed(text, "{\"jsonrpc\":\"2.0\"}", 1000, out), Fed::broken);
}

TEST(HttpInflate, ABombStopsWhenItsReaderSaysSo) {
    const std::string bomb = squeeze(std::string(std::size_t{64} << 20, 'a'), 31);
    ASSERT_LT(bomb.size(), 100'000u);
    HttpInflate inflate(Coding::gzip);
    Unfolded out;
    out.limit = 100'000;
    EXPECT_EQ(feed(inflate, bomb, bomb.size(), out), Fed::stopped);
    EXPECT_LE(out.text.size(), out.limit + HttpInflate::block_size);
}

}  // namespace
}  // namespace haive::mcp
