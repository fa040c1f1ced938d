// Server-sent events: however the stream is cut, the same events, ids and pauses come out, none over the cap.
#include "transport/http/sse_parser.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace haive::mcp;

namespace {

struct Collected final : SseParser::Sink {
    explicit Collected(std::size_t limit) : cap(limit) {}
    bool on_event(const SseEvent& event) override {
        if (event.data.size() > cap || (!event.has_data && !event.data.empty())) std::abort();
        events.push_back(std::string(event.type) + '\0' + std::string(event.data));
        return true;
    }
    bool on_overlong(const OverlongEvent& event) override {
        if (event.size <= cap || event.head.size() > 512 || event.tail.size() > 512) std::abort();
        events.push_back("overlong " + std::to_string(event.size));
        return true;
    }
    std::size_t cap;
    std::vector<std::string> events;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t cap = data[0] * 16 + 1;
    const std::size_t slice = data[1] + 1;
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);

    SseParser whole(cap);
    Collected expected(cap);
    whole.feed(stream, expected);

    SseParser cut(cap);
    Collected got(cap);
    for (std::size_t at = 0; at < stream.size(); at += slice) cut.feed(stream.substr(at, slice), got);
    if (expected.events != got.events || whole.last_event_id() != cut.last_event_id() || whole.retry() != cut.retry()) {
        std::abort();
    }
    if (whole.last_event_id().find('\0') != std::string::npos) std::abort();
    return 0;
}
