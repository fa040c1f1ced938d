#include "transport/http/http_inflate.hpp"

#include "transport/stream/byte_stream.hpp"

#include <new>
#include <zlib.h>

namespace haive::mcp {

namespace {

constexpr int window = 15;
constexpr int gzip_or_zlib = 32;
constexpr Bytef gzip_magic = 0x1f;

/// Some servers say `deflate` and leave the zlib wrapping out; its first byte tells.
bool has_zlib_wrapping(unsigned char first) { return (first & 0x0f) == Z_DEFLATED && (first >> 4) <= 7; }

}  // namespace

struct HttpInflate::State {
    explicit State(Coding c) : coding(c) {}
    ~State() {
        if (open) inflateEnd(&z);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Coding coding;
    bool open = false;
    bool at_end = true;  // between two members, and before the first
    std::size_t members = 0;
    z_stream z{};
    char out[block_size + read_slack];
};

HttpInflate::HttpInflate(Coding coding) : state_(std::make_unique<State>(coding)) {}
HttpInflate::~HttpInflate() = default;

bool HttpInflate::complete() const noexcept { return state_->at_end; }

HttpInflate::Fed HttpInflate::feed(char* data, std::size_t size, Sink& sink) {
    State& s = *state_;
    if (size == 0) return Fed::more;
    if (!s.open) {
        const bool raw = s.coding == Coding::deflate && !has_zlib_wrapping(static_cast<unsigned char>(*data));
        const int bits = s.coding == Coding::gzip ? window + gzip_or_zlib : raw ? -window : window;
        if (inflateInit2(&s.z, bits) != Z_OK) throw std::bad_alloc();
        s.open = true;
    }
    s.z.next_in = reinterpret_cast<Bytef*>(data);
    s.z.avail_in = static_cast<uInt>(size);
    for (;;) {
        if (s.at_end) {
            if (s.z.avail_in == 0) return Fed::more;
            // A further member (RFC 1952, 2.2); what is none is padding.
            if (s.members > 0 && (s.coding == Coding::deflate || *s.z.next_in != gzip_magic)) return Fed::more;
            ++s.members;
            if (inflateReset(&s.z) != Z_OK) return Fed::broken;
            s.at_end = false;
        }
        s.z.next_out = reinterpret_cast<Bytef*>(s.out);
        s.z.avail_out = block_size;
        const int code = inflate(&s.z, Z_NO_FLUSH);
        const std::size_t made = block_size - s.z.avail_out;
        if (code == Z_STREAM_END) {
            s.at_end = true;
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return Fed::broken;
        }
        const bool drained = s.z.avail_out != 0 && s.z.avail_in == 0;
        if (made > 0 && !sink.on_inflated(s.out, made)) return Fed::stopped;
        if (drained && !s.at_end) return Fed::more;
        if (made == 0 && code == Z_BUF_ERROR) return Fed::more;
    }
}

}  // namespace haive::mcp
