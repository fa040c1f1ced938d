#include "transport/http/http_response_parser.hpp"

#include <gmock/gmock.h>

namespace haive::mcp {
namespace {

using State = HttpResponseParser::State;
using ::testing::HasSubstr;

struct Taken : HttpResponseParser::Sink {
    int status = 0;
    int heads = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    bool on_head(HttpHead& head) override {
        ++heads;
        status = head.status;
        for (const auto& field : head.fields) fields.emplace_back(field.name, field.value);
        return true;
    }
    bool on_body(char* data, std::size_t size) override {
        body.append(data, size);
        return true;
    }
};

struct Parsed : Taken {
    State state = State::head;
    std::size_t used = 0;
    bool persistent = false;
    std::string fault;
};

/// Feeds `text` in slices of `slice` bytes; a copy, because the parser may scribble.
Parsed parse(std::string_view text, std::size_t slice = 1 << 20, bool eof = false, bool head_request = false) {
    HttpResponseParser parser;
    parser.reset(head_request);
    Parsed out;
    for (std::size_t at = 0; at < text.size();) {
        std::string piece(text.substr(at, slice));
        const std::size_t used = parser.feed(piece.data(), piece.size(), out);
        out.used += used;
        at += piece.size();
        if (used < piece.size() || parser.state() == State::failed) break;
    }
    if (eof) parser.finish();
    out.state = parser.state();
    out.persistent = parser.persistent();
    out.fault = parser.fault();
    return out;
}

constexpr std::string_view chunked_answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
                                            "5\r\nhello\r\n6;ext=\"a\"\r\n world\r\n0\r\nTrailer: z\r\n\r\n";

TEST(HttpResponseParser, TakesAnAnswerWithALength) {
    const Parsed got = parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type:  a/b \r\n\r\nhello");
    EXPECT_EQ(got.state, State::done);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "hello");
    EXPECT_TRUE(got.persistent);
    ASSERT_EQ(got.fields.size(), 2u);
    EXPECT_EQ(got.fields[1].second, "a/b");
}

TEST(HttpResponseParser, IsTheSameWhateverTheSlicing) {
    for (std::size_t slice = 1; slice <= chunked_answer.size(); ++slice) {
        const Parsed got = parse(chunked_answer, slice);
        ASSERT_EQ(got.state, State::done) << slice << ": " << got.fault;
        ASSERT_EQ(got.body, "hello world") << slice;
        ASSERT_EQ(got.heads, 1);
        ASSERT_EQ(got.used, chunked_answer.size());
        ASSERT_TRUE(got.persistent);
    }
}

TEST(HttpResponseParser, LeavesWhatIsBehindTheAnswer) {
    const std::string_view one = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const Parsed got = parse(std::string(one) + "HTTP/1.1 200 again");
    EXPECT_EQ(got.state, State::done);
    EXPECT_EQ(got.used, one.size());
    EXPECT_EQ(parse(std::string(chunked_answer) + "x").used, chunked_answer.size());
}

TEST(HttpResponseParser, EndsWithTheConnectionWhenNothingElseEndsIt) {
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n\r\nabc").state, State::body);
    const Parsed got = parse("HTTP/1.1 200 OK\r\n\r\nabc", 1, true);
    EXPECT_EQ(got.state, State::done);
    EXPECT_EQ(got.body, "abc");
    EXPECT_FALSE(got.persistent);
}

TEST(HttpResponseParser, NoticesACutOffAnswer) {
    EXPECT_THAT(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", 99, true).fault, HasSubstr("cut off"));
    EXPECT_THAT(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 99, true).fault,
                HasSubstr("cut off"));
    EXPECT_THAT(parse("HTTP/1.1 200", 99, true).fault, HasSubstr("head was cut off"));
    EXPECT_THAT(parse("", 99, true).fault, HasSubstr("without an answer"));
}

TEST(HttpResponseParser, KnowsAnswersWithoutABody) {
    EXPECT_EQ(parse("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n").state, State::done);
    EXPECT_EQ(parse("HTTP/1.1 304 X\r\nTransfer-Encoding: chunked\r\n\r\n").state, State::done);
    EXPECT_EQ(parse("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").state, State::done);
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 99, false, true).state, State::done);
}

TEST(HttpResponseParser, SkipsInterimAnswersButNotForEver) {
    const Parsed got = parse("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
                             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    EXPECT_EQ(got.heads, 1);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "a");
    std::string many;
    for (int i = 0; i < 20; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_THAT(parse(many).fault, HasSubstr("interim"));
    EXPECT_THAT(parse("HTTP/1.1 101 Switch\r\n\r\n").fault, HasSubstr("switched protocols"));
}

TEST(HttpResponseParser, KeepsTheConnectionAsTheServerSays) {
    const auto keeps = [](const std::string& version, const std::string& header) {
        return parse("HTTP/1." + version + " 200 OK\r\n" + header + "Content-Length: 0\r\n\r\n").persistent;
    };
    EXPECT_TRUE(keeps("1", ""));
    EXPECT_FALSE(keeps("1", "Connection: close\r\n"));
    EXPECT_FALSE(keeps("1", "connection: keep-alive, CLOSE\r\n"));
    EXPECT_FALSE(keeps("0", ""));
    EXPECT_TRUE(keeps("0", "Connection: Keep-Alive\r\n"));
}

TEST(HttpResponseParser, TwoLengthsThatDifferAreRefused) {
    const auto with = [](const std::string& lines) { return parse("HTTP/1.1 200 OK\r\n" + lines + "\r\nabcdef"); };
    EXPECT_EQ(with("Content-Length: 3\r\nContent-Length: 4\r\n").state, State::failed);
    EXPECT_EQ(with("Content-Length: 3, 4\r\n").state, State::failed);
    EXPECT_EQ(with("Content-Length: 3\r\nContent-Length: 3\r\n").body, "abc");
    EXPECT_EQ(with("Content-Length: 3, 3\r\n").body, "abc");
    for (const char* odd : {"-1", "+3", "0x3", "3 3", "", ",", "99999999999999999999", "9223372036854775808"}) {
        EXPECT_EQ(with(std::string("Content-Length: ") + odd + "\r\n").state, State::failed) << odd;
    }
}

TEST(HttpResponseParser, ChunkedWinsOverALengthAndEndsTheConnection) {
    const Parsed got =
        parse("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
    EXPECT_EQ(got.state, State::done);
    EXPECT_EQ(got.body, "a");
    EXPECT_FALSE(got.persistent);
    EXPECT_FALSE(
        parse("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").persistent);
}

TEST(HttpResponseParser, OtherTransferCodingsAreRefused) {
    for (const char* coding : {"gzip", "gzip, chunked", "chunked, chunked", "identity", "xchunked", ""}) {
        const std::string text = std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: ") + coding + "\r\n\r\n0\r\n\r\n";
        EXPECT_EQ(parse(text).state, State::failed) << coding;
    }
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n").state,
              State::failed);
}

TEST(HttpResponseParser, MalformedHeadsAreRefused) {
    for (const char* head : {
             "SSH-2.0-OpenSSH\r\n\r\n",
             "HTTP/2 200 OK\r\n\r\n",
             "HTTP/1.1 20 OK\r\n\r\n",
             "HTTP/1.1 2000 OK\r\n\r\n",
             "HTTP/1.1  200 OK\r\n\r\n",
             "HTTP/1.1 099 X\r\n\r\n",
             "\r\nHTTP/1.1 200 OK\r\n\r\n",
             "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
             "HTTP/1.1 200 OK\r\nName : x\r\n\r\n",
             "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
             "HTTP/1.1 200 OK\r\n folded: first\r\n\r\n",
             "HTTP/1.1 200 OK\r\nName: a\rb\r\n\r\n",
         }) {
        for (const std::size_t slice : {std::size_t{1}, std::size_t{1000}}) {
            const Parsed got = parse(head, slice);
            EXPECT_EQ(got.state, State::failed) << head;
            EXPECT_EQ(got.heads, 0);
            EXPECT_FALSE(got.fault.empty());
        }
    }
    using namespace std::string_view_literals;
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nName: a\0b\r\n\r\n"sv).state, State::failed);
}

TEST(HttpResponseParser, GarbageIsRefusedBeforeItIsComplete) {
    EXPECT_EQ(parse("SSH-").state, State::failed);
    EXPECT_EQ(parse("HTTX", 1).state, State::failed);
    EXPECT_EQ(parse("HTTP/", 1).state, State::head);
}

TEST(HttpResponseParser, IsLenientWhereNothingHangsOnIt) {
    EXPECT_EQ(parse("HTTP/1.1 200\nContent-Length: 1\n\na").body, "a");
    EXPECT_EQ(parse("HTTP/1.1 200 \r\nContent-Length: 1\n\r\na", 1).body, "a");
    const Parsed folded = parse("HTTP/1.1 200 OK\r\nA: one\r\n \t two\r\n  three\r\nContent-Length: 0\r\n\r\n", 7);
    ASSERT_EQ(folded.fields.size(), 2u) << folded.fault;
    EXPECT_THAT(folded.fields[0].second, ::testing::MatchesRegex("one +.+two +three"));
}

TEST(HttpResponseParser, HeadsAreBounded) {
    const std::string big(HttpResponseParser::head_limit, 'x');
    for (const std::size_t slice : {std::size_t{1000}, std::size_t{1} << 20}) {
        EXPECT_THAT(parse("HTTP/1.1 200 OK\r\nA: " + big + "\r\n\r\n", slice).fault, HasSubstr("64 KiB"));
    }
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (std::size_t i = 0; i <= HttpResponseParser::field_limit; ++i) many += "A: b\r\n";
    EXPECT_THAT(parse(many + "\r\n").fault, HasSubstr("too many headers"));
}

TEST(HttpResponseParser, MalformedChunksAreRefused) {
    for (const char* body : {"x\r\n", "\r\n", "5\nhello", "5\r\nhelloX", "5\r\nhello\rX", "5 5\rX", ";x\r\n", "-1\r\n",
                             "+1\r\n", "0x1\r\n", "10000000000000000\r\n", "8000000000000000\r\n", "1g\r\n"}) {
        for (const std::size_t slice : {std::size_t{1}, std::size_t{1000}}) {
            const std::string text = std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") + body;
            EXPECT_EQ(parse(text, slice).state, State::failed) << body;
        }
    }
    const std::string endless(10'000, 'x');
    EXPECT_THAT(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + endless).fault, HasSubstr("line"));
    const std::string trailers(70'000, 'x');
    EXPECT_THAT(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + trailers).fault,
                HasSubstr("trailer"));
}

TEST(HttpResponseParser, ServesOneAnswerAfterAnother) {
    HttpResponseParser parser;
    for (int i = 0; i < 3; ++i) {
        parser.reset(false);
        EXPECT_FALSE(parser.started());
        Taken taken;
        std::string text(chunked_answer);
        EXPECT_EQ(parser.feed(text.data(), text.size(), taken), text.size());
        EXPECT_EQ(parser.state(), State::done);
        EXPECT_EQ(taken.body, "hello world");
    }
}

TEST(HttpResponseParser, StopsWhenItsSinkSaysSo) {
    struct Stop : Taken {
        bool on_body(char*, std::size_t) override {
            ++pieces;
            return false;
        }
        int pieces = 0;
    } sink;
    HttpResponseParser parser;
    parser.reset(false);
    std::string text(chunked_answer);
    EXPECT_LT(parser.feed(text.data(), text.size(), sink), text.size());
    EXPECT_EQ(sink.pieces, 1);
}

TEST(HttpHead, FindsFieldsInAnyCase) {
    HttpHead head;
    head.fields = {{"Content-Type", "a"}, {"content-type", "b"}, {"Empty", ""}};
    EXPECT_EQ(head.find("CONTENT-TYPE"), "a");
    EXPECT_EQ(head.find("x"), "");
    EXPECT_TRUE(head.has("empty"));
    EXPECT_FALSE(head.has("empt"));
}

}  // namespace
}  // namespace haive::mcp
