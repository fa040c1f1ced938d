#include "transport/websocket/websocket_codec.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace haive::mcp {
namespace {

struct Collected final : WebSocketParser::Sink {
    bool on_message(std::string& payload) override { return add("message " + payload); }
    bool on_ping(std::string_view payload) override { return add("ping " + std::string(payload)); }
    bool on_pong() override { return add("pong"); }
    bool on_close(std::uint16_t code, std::string_view reason) override {
        return add("close " + std::to_string(code) + ' ' + std::string(reason));
    }
    bool add(std::string text) {
        seen.push_back(std::move(text));
        return true;
    }
    std::vector<std::string> seen;
};

/// A server's frame: no mask.
std::string frame(unsigned first, std::string_view payload) {
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else {
        out += static_cast<char>(126);
        out += static_cast<char>(payload.size() >> 8U);
        out += static_cast<char>(payload.size() & 0xFFU);
    }
    return out + std::string(payload);
}

TEST(WebSocketParser, MessagesWholeInPiecesAndCutAnywhere) {
    const std::string stream = frame(0x81, "one") + frame(0x01, "tw") + frame(0x89, "beat") + frame(0x00, "") +
                               frame(0x80, "o") + frame(0x81, std::string(300, 'x')) + frame(0x8A, "") +
                               frame(0x88, std::string("\x03\xe8", 2) + "bye");
    const std::vector<std::string> expected{
        "message one", "ping beat", "message two", "message " + std::string(300, 'x'), "pong", "close 1000 bye"};
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, stream.size()}) {
        WebSocketParser parser(1000);
        Collected out;
        for (std::size_t i = 0; i < stream.size(); i += step) {
            ASSERT_EQ(parser.feed(std::string_view(stream).substr(i, step), out), std::nullopt);
        }
        EXPECT_EQ(out.seen, expected) << step;
    }
}

TEST(WebSocketParser, RefusesWhatAServerMustNotSend) {
    const std::string bad[] = {std::string("\x81\x81mmmmx", 7),
                               frame(0xC1, "x"),
                               frame(0x80, "x"),
                               frame(0x01, "a") + frame(0x81, "b"),
                               frame(0x09, "x"),
                               frame(0x83, "x"),
                               frame(0x89, std::string(200, 'x')),
                               frame(0x88, "1"),
                               frame(0x81, std::string(1001, 'x')),
                               std::string("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10),
                               frame(0x01, std::string(600, 'x')) + frame(0x80, std::string(600, 'x'))};
    for (const std::string& stream : bad) {
        WebSocketParser parser(1000);
        Collected out;
        EXPECT_TRUE(parser.feed(stream, out)) << stream.substr(0, 10);
    }
}

TEST(WebSocketCodec, ClientFramesAreMasked) {
    std::string out;
    append_frame(out, WebSocketOpcode::text, "Hello", {0x37, 0xfa, 0x21, 0x3d});
    EXPECT_EQ(out, std::string("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11)) << "the example of RFC 6455, 5.7";
    out.clear();
    append_frame(out, WebSocketOpcode::text, std::string(70000, 'x'), {0, 0, 0, 0});
    EXPECT_EQ(out.size(), 70000U + 14U);
    EXPECT_EQ(out.substr(1, 9), std::string("\xff\0\0\0\0\0\1\x11\x70", 9));
}

TEST(WebSocketCodec, AcceptOfTheStandardsExample) {
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace haive::mcp
