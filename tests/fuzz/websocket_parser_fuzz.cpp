// WebSocket framing: however the stream is cut, the same messages come out, none over the cap.
#include "transport/websocket/websocket_codec.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace haive::mcp;

namespace {

struct Collected final : WebSocketParser::Sink {
    explicit Collected(std::size_t limit) : cap(limit) {}
    bool on_message(std::string& payload) override {
        if (payload.size() > cap) std::abort();
        seen.push_back('m' + payload);
        return true;
    }
    bool on_ping(std::string_view payload) override {
        if (payload.size() > 125) std::abort();
        seen.push_back('p' + std::string(payload));
        return true;
    }
    bool on_pong() override { return seen.emplace_back("o"), true; }
    bool on_close(std::uint16_t code, std::string_view reason) override {
        seen.push_back('c' + std::to_string(code) + std::string(reason));
        return false;
    }
    std::size_t cap;
    std::vector<std::string> seen;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t cap = data[0] * 16 + 1;
    const std::size_t slice = data[1] + 1;
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);

    WebSocketParser whole(cap);
    Collected expected(cap);
    const auto problem = whole.feed(stream, expected);

    WebSocketParser cut(cap);
    Collected got(cap);
    std::optional<std::string> cut_problem;
    const auto closed = [](const Collected& c) { return !c.seen.empty() && c.seen.back().front() == 'c'; };
    for (std::size_t at = 0; at < stream.size() && !cut_problem && !closed(got); at += slice) {
        cut_problem = cut.feed(stream.substr(at, slice), got);
    }
    if (expected.seen != got.seen || problem != cut_problem) std::abort();
    return 0;
}
