#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// One event of a stream. Views live as long as the callback.
struct SseEvent {
    std::string_view type;  ///< `message` when the stream did not say
    std::string_view data;  ///< the `data` lines, joined by newlines; 64 readable bytes behind it
    bool has_data = false;  ///< an event without data is not for the program, but its id counts
};

/// An event whose data was longer than allowed: its ends, for a guess at whose answer it was.
struct OverlongEvent {
    std::string_view head;
    std::string_view tail;
    std::size_t size = 0;
};

/// Cuts a stream of bytes into server-sent events. Pure. Follows the WHATWG rules (HTML, 9.2.6): any line
/// ending, any cut of the stream, a byte order mark, comments, `id` without NUL, `retry` of digits only,
/// unknown fields ignored, an event only at its blank line.
class SseParser {
public:
    explicit SseParser(std::size_t max_event) noexcept : max_event_(max_event) {}

    struct Sink {
        virtual ~Sink() = default;
        /// False stops: the rest of the bytes is dropped. The parser may be gone then.
        virtual bool on_event(const SseEvent& event) = 0;
        virtual bool on_overlong(const OverlongEvent& event) = 0;
    };
    void feed(std::string_view bytes, Sink& sink);

    /// The newest `id`, empty for none. It counts from the blank line that ends its event.
    [[nodiscard]] const std::string& last_event_id() const noexcept { return last_id_; }
    /// The newest `retry`.
    [[nodiscard]] std::optional<Duration> retry() const noexcept { return retry_; }
    /// Drops a half event (the stream broke); ids and `retry` stay.
    void restart();

private:
    static constexpr std::size_t end_kept = 512;

    bool line(std::string_view text, Sink& sink);
    void field(std::string_view name, std::string_view value);
    void add_data(std::string_view value);
    bool dispatch(Sink& sink);
    void keep(std::string_view piece);

    std::size_t max_event_;
    std::string partial_;    // a line that is not complete yet; of one over the limit the start
    std::size_t cut_ = 0;    // how much of it was thrown away
    std::string cut_tail_;   // and the end of that
    bool after_cr_ = false;  // a newline right after it belongs to it
    bool at_start_ = true;   // a byte order mark may come
    std::string type_;
    std::string data_;
    std::string tail_;
    std::size_t data_size_ = 0;
    bool has_data_ = false;
    bool overlong_ = false;
    std::string id_;
    bool has_id_ = false;
    std::string last_id_;
    std::optional<Duration> retry_;
};

}  // namespace haive::mcp
