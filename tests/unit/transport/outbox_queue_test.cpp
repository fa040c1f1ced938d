#include "transport/stream/outbox_queue.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

using namespace haive::mcp;

namespace {
std::vector<std::uint64_t> consume(OutboxQueue& q, std::size_t n) {
    std::vector<std::uint64_t> written;
    q.consume(n, [&](std::uint64_t id) { written.push_back(id); });
    return written;
}
}  // namespace

TEST(OutboxQueue, a_frame_counts_as_written_when_only_its_newline_is_missing) {
    OutboxQueue q;
    q.push("{\"a\":1}", 5);  // 7 bytes and a newline
    EXPECT_TRUE(consume(q, 6).empty());
    EXPECT_EQ(consume(q, 1), (std::vector<std::uint64_t>{5}));  // a reader may take it at end of file
    EXPECT_FALSE(q.empty());
    EXPECT_TRUE(consume(q, 1).empty());
    EXPECT_TRUE(q.empty());
}

TEST(OutboxQueue, only_frames_that_were_not_begun_can_be_withdrawn) {
    OutboxQueue q;
    q.push("aaaa", 1);
    q.push("bbbb", 2);
    q.push("cccc", 3);
    consume(q, 2);
    EXPECT_FALSE(q.withdraw(1));
    EXPECT_TRUE(q.withdraw(2));
    EXPECT_FALSE(q.withdraw(2));
    EXPECT_EQ(q.bytes(), 3u + 5u);
    EXPECT_EQ(consume(q, 8), (std::vector<std::uint64_t>{1, 3}));
    EXPECT_TRUE(q.empty());
}

TEST(OutboxQueue, the_bytes_come_out_in_order_however_they_are_taken) {
    SplitMix random(3);
    OutboxQueue q;
    std::string expected, got;
    std::uint64_t id = 0;
    std::vector<std::uint64_t> written, issued;
    for (int step = 0; step < 5000; ++step) {
        if (random.next() % 3 != 0) {
            std::string frame(1 + random.next() % 30, static_cast<char>('a' + id % 26));
            expected += frame + "\n";
            issued.push_back(++id);
            q.push(std::move(frame), id);
        } else {
            std::array<std::string_view, 4> pieces;
            const std::size_t n = q.gather(pieces);
            std::string all;
            for (std::size_t i = 0; i < n; ++i) all += pieces[i];
            const std::size_t take = all.empty() ? 0 : random.next() % (all.size() + 1);
            got += all.substr(0, take);
            for (auto w : consume(q, take)) written.push_back(w);
        }
    }
    std::string rest;
    std::array<std::string_view, 8192> pieces;
    for (std::size_t i = 0, n = q.gather(pieces); i < n; ++i) rest += pieces[i];
    EXPECT_EQ(got + rest, expected);
    EXPECT_TRUE(std::is_sorted(written.begin(), written.end()));
    EXPECT_EQ(q.bytes(), expected.size() - got.size());
}
