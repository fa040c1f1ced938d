#include "transport/http/sse_parser.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

struct Collected final : SseParser::Sink {
    bool on_event(const SseEvent& event) override {
        events.push_back(std::string(event.type) + '|' + std::string(event.data) + (event.has_data ? "" : "|none"));
        return !stop;
    }
    bool on_overlong(const OverlongEvent& event) override {
        events.push_back(
            "overlong " + std::to_string(event.size) + ' ' + std::string(event.head.substr(0, 4)) + ".." +
            std::string(event.tail.substr(event.tail.size() - std::min<std::size_t>(4, event.tail.size()))));
        return true;
    }
    std::vector<std::string> events;
    bool stop = false;
};

using Events = std::vector<std::string>;

Events all_at_once(std::string_view text, std::size_t limit = 1000) {
    SseParser parser(limit);
    Collected out;
    parser.feed(text, out);
    return out.events;
}

Events byte_by_byte(std::string_view text, std::size_t limit = 1000) {
    SseParser parser(limit);
    Collected out;
    for (const char c : text) parser.feed(std::string_view(&c, 1), out);
    return out.events;
}

// The examples and rules of HTML 9.2.6.
TEST(SseParser, FollowsTheStandardHoweverTheStreamIsCut) {
    const struct {
        const char* text;
        Events events;
    } cases[] = {
        {"data: YHOO\ndata: +2\ndata: 10\n\n", {"message|YHOO\n+2\n10"}},
        {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
         {"message||none", "message|first event", "message|second event", "message| third event"}},
        {"data\n\ndata\ndata\n\ndata:", {"message|", "message|\n"}},
        {"data:test\n\ndata: test\n\n", {"message|test", "message|test"}},
        {"event: add\r\ndata: 1\r\n\r\nevent: remove\rdata: 2\r\r", {"add|1", "remove|2"}},
        {"\xef\xbb\xbf"
         "data: bom\n\n",
         {"message|bom"}},
        {"\xef\xbb"
         "data: x\n\n",
         {"message||none"}},
        {"nonsense\nfoo: bar\ndata: x\n\n", {"message|x"}},
        {"data: gr\xc3\xb6\xc3\x9f"
         "e\n\n",
         {"message|gr\xc3\xb6\xc3\x9f"
          "e"}},
        {"data: incomplete\n", {}},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(all_at_once(c.text), c.events) << c.text;
        EXPECT_EQ(byte_by_byte(c.text), c.events) << c.text;
    }
}

TEST(SseParser, IdsAndRetryCount) {
    SseParser parser(1000);
    Collected out;
    parser.feed("id: 7\nretry: 1500\n", out);
    EXPECT_EQ(parser.last_event_id(), "") << "an id counts from the blank line on";
    parser.feed("data: x\n\n", out);
    EXPECT_EQ(parser.last_event_id(), "7");
    EXPECT_EQ(parser.retry(), Duration(1500ms));
    parser.feed(std::string_view("id: a\0b\nretry: 12x\nretry: -1\nretry:\ndata: y\n\n", 44), out);
    EXPECT_EQ(parser.last_event_id(), "7");
    EXPECT_EQ(parser.retry(), Duration(1500ms));
    parser.feed("id\n\n", out);
    EXPECT_EQ(parser.last_event_id(), "") << "an empty id resets it";
    parser.feed("id: 9\nretry: 99999999999999999999\n\n", out);
    EXPECT_EQ(parser.last_event_id(), "9");
    EXPECT_EQ(parser.retry(), Duration(1500ms));
}

TEST(SseParser, ABrokenStreamLosesItsHalfEventOnly) {
    SseParser parser(1000);
    Collected out;
    parser.feed("id: 1\ndata: whole\n\nid: 2\ndata: ha", out);
    parser.restart();
    parser.feed("\ndata: next\n\n", out);
    EXPECT_EQ(out.events.back(), "message|next");
    EXPECT_EQ(parser.last_event_id(), "1");
}

TEST(SseParser, AnEventOverTheLimitIsDiscardedWithItsEnds) {
    const std::string long_data = "head" + std::string(5000, 'x') + "tail";
    for (const auto& events : {all_at_once("data: " + long_data + "\n\ndata: ok\n\n"),
                               byte_by_byte("data: " + long_data + "\n\ndata: ok\n\n")}) {
        ASSERT_EQ(events.size(), 2U);
        EXPECT_EQ(events[0], "overlong 5008 head..tail");
        EXPECT_EQ(events[1], "message|ok");
    }
    std::string many;
    for (int i = 0; i < 300; ++i) many += "data: 0123456789\n";
    EXPECT_EQ(all_at_once(many + "\n").size(), 1U);
    EXPECT_EQ(all_at_once(many + "\n")[0].substr(0, 8), "overlong");
}

TEST(SseParser, StopsWhenTold) {
    SseParser parser(1000);
    Collected out;
    out.stop = true;
    parser.feed("data: 1\n\ndata: 2\n\n", out);
    EXPECT_EQ(out.events, Events{"message|1"});
}

}  // namespace
}  // namespace haive::mcp
