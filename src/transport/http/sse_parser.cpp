#include "transport/http/sse_parser.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace haive::mcp {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t slack = 64;
constexpr std::size_t keep_capacity = std::size_t{256} << 10;
constexpr std::size_t longest_id = 4096;
constexpr std::size_t longest_type = 256;

}  // namespace

void SseParser::feed(std::string_view bytes, Sink& sink) {
    if (at_start_) {
        // The mark may come in pieces: wait for three bytes, or for the first that differs.
        partial_ += bytes;
        const std::size_t known = std::min(partial_.size(), byte_order_mark.size());
        if (partial_.compare(0, known, byte_order_mark, 0, known) == 0 && known < byte_order_mark.size()) return;
        at_start_ = false;
        std::string first = std::move(partial_);
        partial_.clear();
        std::string_view rest = first;
        if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
        feed(rest, sink);
        return;
    }
    while (!bytes.empty()) {
        if (after_cr_) {
            after_cr_ = false;
            if (bytes.front() == '\n') {
                bytes.remove_prefix(1);
                continue;
            }
        }
        const std::size_t end = bytes.find_first_of("\r\n");
        if (end == std::string_view::npos) {
            keep(bytes);
            return;
        }
        const std::string_view piece = bytes.substr(0, end);
        after_cr_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        bool go_on = true;
        if (partial_.empty()) {
            go_on = line(piece, sink);
        } else {
            keep(piece);
            std::string whole = std::move(partial_);
            partial_.clear();
            go_on = line(whole, sink);
            if (!go_on) return;
            cut_ = 0;
            cut_tail_.clear();
            if (partial_.empty() && whole.capacity() <= keep_capacity) {
                whole.clear();
                partial_ = std::move(whole);
            }
        }
        if (!go_on) return;
    }
}

/// Of a line over the limit the two ends are kept.
void SseParser::keep(std::string_view piece) {
    const std::size_t limit = max_event_ + longest_id + slack;
    const std::size_t room = std::min(limit - std::min(limit, partial_.size()), piece.size());
    partial_ += piece.substr(0, room);
    piece.remove_prefix(room);
    if (piece.empty()) return;
    cut_ += piece.size();
    cut_tail_ += piece.substr(piece.size() - std::min(piece.size(), end_kept));
    if (cut_tail_.size() > end_kept) cut_tail_.erase(0, cut_tail_.size() - end_kept);
}

bool SseParser::line(std::string_view text, Sink& sink) {
    if (text.empty()) return dispatch(sink);
    const std::size_t colon = text.find(':');
    if (colon == 0) return true;  // a comment: a sign of life
    if (colon == std::string_view::npos) {
        field(text, {});
        return true;
    }
    std::string_view value = text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    field(text.substr(0, colon), value);
    return true;
}

void SseParser::field(std::string_view name, std::string_view value) {
    if (name == "data") {
        add_data(value);
    } else if (name == "event") {
        type_ = value.substr(0, longest_type);
    } else if (name == "id") {
        // An id that could not be sent back in a header is none.
        if (value.find('\0') != std::string_view::npos || value.size() > longest_id) return;
        id_ = value;
        has_id_ = true;
    } else if (name == "retry") {
        std::uint64_t milliseconds = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), milliseconds);
        if (error != std::errc() || end != value.data() + value.size() || value.empty()) return;
        constexpr std::uint64_t a_day = 24ULL * 60 * 60 * 1000;
        retry_ = std::chrono::milliseconds(std::min(milliseconds, a_day));
    }
}

void SseParser::add_data(std::string_view value) {
    if (has_data_) {
        ++data_size_;
        if (!overlong_) data_ += '\n';
    }
    has_data_ = true;
    data_size_ += value.size();
    if (!overlong_ && data_size_ > max_event_) {
        overlong_ = true;
        data_.append(value.substr(0, end_kept));
        data_.resize(std::min(data_.size(), end_kept));
        data_.shrink_to_fit();
    } else if (!overlong_) {
        data_ += value;
    }
    if (overlong_) {
        tail_ += value.substr(value.size() - std::min(value.size(), end_kept));
        tail_ += cut_tail_;
        data_size_ += cut_;
        if (tail_.size() > end_kept) tail_.erase(0, tail_.size() - end_kept);
    }
}

bool SseParser::dispatch(Sink& sink) {
    if (has_id_) last_id_ = std::exchange(id_, {});
    has_id_ = false;
    const bool has_data = std::exchange(has_data_, false);
    const bool overlong = std::exchange(overlong_, false);
    const std::size_t size = std::exchange(data_size_, 0);
    std::string data = std::move(data_);
    data_.clear();
    std::string type = std::move(type_);
    type_.clear();
    if (overlong) {
        const std::string tail = std::exchange(tail_, {});
        return sink.on_overlong(OverlongEvent{data, tail, size});
    }
    data.reserve(data.size() + slack);
    SseEvent event;
    event.type = type.empty() ? std::string_view("message") : std::string_view(type);
    event.data = data;
    event.has_data = has_data;
    if (!sink.on_event(event)) return false;
    if (data.capacity() <= keep_capacity) {
        data.clear();
        data_ = std::move(data);
    }
    return true;
}

void SseParser::restart() {
    partial_.clear();
    cut_ = 0;
    cut_tail_.clear();
    after_cr_ = false;
    at_start_ = true;
    type_.clear();
    data_.clear();
    tail_.clear();
    data_size_ = 0;
    has_data_ = false;
    overlong_ = false;
    has_id_ = false;
}

}  // namespace haive::mcp
