#pragma once

#include "transport/http/http_requester.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Takes an HTTP/1.x answer apart as its bytes come in, whatever the slicing. Pure.
///
/// Strict where two readers could disagree about where an answer ends: two different lengths, a length that
/// is no number, a transfer coding other than `chunked`, or space before a colon end it with an error; a
/// length beside `chunked` is ignored and the connection is not used again. Lenient where nothing hangs on
/// it: bare line feeds and folded lines in the head. Source: RFC 9112.
class HttpResponseParser {
public:
    static constexpr std::size_t head_limit = std::size_t{64} << 10;
    static constexpr std::size_t field_limit = 256;
    static constexpr int interim_limit = 16;  ///< 1xx answers before the real one

    /// Told about an answer. False: stop at once, the parser may be gone.
    class Sink {
    public:
        virtual ~Sink() = default;
        /// The head's views and the head itself live as long as the call.
        [[nodiscard]] virtual bool on_head(HttpHead& head) = 0;
        /// A piece of the body inside the block that was fed.
        [[nodiscard]] virtual bool on_body(char* data, std::size_t size) = 0;
    };
    enum class State : std::uint8_t { head, body, done, failed };

    /// Makes it ready for the answer to the next request.
    void reset(bool head_request);
    /// Takes `data`, which may be scribbled on; gives back how much of it belonged to this answer. Less than
    /// all only when the answer is complete, failed, or the sink said stop.
    std::size_t feed(char* data, std::size_t size, Sink& sink);
    /// No byte will come any more: completes an answer that ends with the connection. Afterwards the state
    /// is `done` or `failed`.
    void finish();

    [[nodiscard]] State state() const noexcept { return state_; }
    /// Whether any byte of an answer was seen.
    [[nodiscard]] bool started() const noexcept { return started_; }
    /// What was wrong, in words; only in state `failed`.
    [[nodiscard]] std::string_view fault() const noexcept { return fault_; }
    /// Whether the connection may carry another exchange after this one, as far as the server says.
    [[nodiscard]] bool persistent() const noexcept { return persistent_; }

private:
    enum class Body : std::uint8_t { length, until_close, chunk_size, chunk_data, chunk_end, trailer };

    std::size_t feed_head(char* data, std::size_t size, Sink& sink);
    [[nodiscard]] bool take_head(char* head, std::size_t size, Sink& sink);
    [[nodiscard]] bool take_status_line(std::string_view line);
    [[nodiscard]] bool take_field(std::string_view line);
    [[nodiscard]] bool take_framing();
    std::size_t feed_body(char* data, std::size_t size, Sink& sink);
    std::size_t feed_chunk_size(const char* data, std::size_t size);
    std::size_t feed_line_end(const char* data, std::size_t size);
    std::size_t feed_trailer(const char* data, std::size_t size);
    bool fail(std::string_view why) {
        fault_ = why;
        state_ = State::failed;
        return false;
    }
    std::size_t fail_at(std::size_t used, std::string_view why) {
        fail(why);
        return used;
    }

    State state_ = State::head;
    Body body_ = Body::length;
    bool head_request_ = false;
    bool started_ = false;
    bool persistent_ = false;
    bool old_version_ = false;  // HTTP/1.0
    bool size_seen_ = false;    // a digit of this chunk's size
    bool in_extension_ = false;
    int interims_ = 0;
    std::uint64_t left_ = 0;     // of the body or the chunk
    std::size_t line_size_ = 0;  // of the chunk's line or of all trailer lines
    bool line_empty_ = true;     // this trailer line
    char last_ = 0;              // the byte before, inside chunk lines
    std::string partial_;        // a head that came in pieces
    std::string_view fault_;
    HttpHead head_;
};

}  // namespace haive::mcp
