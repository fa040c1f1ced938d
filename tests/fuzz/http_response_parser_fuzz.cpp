// The answer parser: whatever the slicing, the same answer comes out, and nothing is taken from behind it.
#include "transport/http/http_response_parser.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace haive::mcp;

namespace {

struct Outcome : HttpResponseParser::Sink {
    int status = 0;
    std::size_t fields = 0;
    std::string body;
    std::size_t used = 0;
    HttpResponseParser::State state{};
    bool persistent = false;

    bool on_head(HttpHead& head) override {
        if (status != 0) std::abort();  // one head an answer
        status = head.status;
        fields = head.fields.size();
        if (status < 200 || fields > HttpResponseParser::field_limit) std::abort();
        return true;
    }
    bool on_body(char* data, std::size_t size) override {
        if (size == 0 || status == 0) std::abort();
        body.append(data, size);
        std::fill_n(data, size, '\n');
        return true;
    }
    bool operator==(const Outcome& o) const {
        return status == o.status && fields == o.fields && body == o.body && state == o.state &&
               (state != HttpResponseParser::State::done || (used == o.used && persistent == o.persistent));
    }
};

Outcome run(std::string_view text, std::size_t slice, bool head_request) {
    HttpResponseParser parser;
    parser.reset(head_request);
    Outcome out;
    for (std::size_t at = 0; at < text.size(); at += slice) {
        std::string piece(text.substr(at, slice));
        const std::size_t n = piece.size();
        const std::size_t used = parser.feed(piece.data(), n, out);
        if (used > n) std::abort();
        out.used += used;
        if (used < n || parser.state() == HttpResponseParser::State::failed) break;
    }
    parser.finish();
    out.state = parser.state();
    out.persistent = parser.persistent();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    const bool head_request = (data[0] & 1) != 0;
    const Outcome whole = run(text, size, head_request);
    const Outcome sliced = run(text, data[1] + std::size_t{1}, head_request);
    if (!(whole == sliced)) std::abort();
    if (whole.used > text.size()) std::abort();
    return 0;
}
