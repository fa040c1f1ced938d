#include "transport/http/http_response_parser.hpp"

#include "transport/http/http_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace haive::mcp {

namespace {

constexpr std::size_t line_limit = 4096;  // of a chunk's size and its extensions
constexpr int chunk_digits = 16;

constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> table{};
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return token_characters[static_cast<unsigned char>(c)]; });
}

bool has_forbidden(std::string_view value) {
    return std::any_of(value.begin(), value.end(), [](char c) { return c == '\0' || c == '\r'; });
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Just behind the empty line that ends a head, or npos. Starts looking at `from`.
std::size_t head_end(std::string_view text, std::size_t from) {
    while (from < text.size()) {
        const void* found = std::memchr(text.data() + from, '\n', text.size() - from);
        if (found == nullptr) break;
        from = static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1;
        if (from < text.size() && text[from] == '\n') return from + 1;
        if (from + 1 < text.size() && text[from] == '\r' && text[from + 1] == '\n') return from + 2;
    }
    return std::string_view::npos;
}

bool may_be_http(std::string_view text) {
    constexpr std::string_view magic = "HTTP/1.";
    const std::size_t n = std::min(text.size(), magic.size());
    return text.substr(0, n) == magic.substr(0, n);
}

}  // namespace

void HttpResponseParser::reset(bool head_request) {
    state_ = State::head;
    head_request_ = head_request;
    started_ = false;
    persistent_ = false;
    interims_ = 0;
    partial_.clear();
    fault_ = {};
}

std::size_t HttpResponseParser::feed(char* data, std::size_t size, Sink& sink) {
    if (size > 0) started_ = true;
    std::size_t used = 0;
    while (state_ == State::head && used < size) {
        const std::size_t took = feed_head(data + used, size - used, sink);
        if (took == 0) return used;  // the sink said stop, or it failed
        used += took;
    }
    if (state_ == State::body && used < size) used += feed_body(data + used, size - used, sink);
    return used;
}

void HttpResponseParser::finish() {
    if (state_ == State::done || state_ == State::failed) return;
    if (state_ == State::body && body_ == Body::until_close) {
        state_ = State::done;
    } else if (state_ == State::body) {
        fail("the answer was cut off");
    } else {
        fail(started_ ? "the answer's head was cut off" : "the connection was closed without an answer");
    }
}

std::size_t HttpResponseParser::feed_head(char* data, std::size_t size, Sink& sink) {
    if (partial_.empty()) {
        const std::string_view text(data, size);
        if (!may_be_http(text)) return fail_at(0, "it does not speak HTTP/1");
        const std::size_t end = head_end(text.substr(0, head_limit), 0);
        if (end != std::string_view::npos) return take_head(data, end, sink) ? end : 0;
        if (size >= head_limit) return fail_at(0, "the answer's head is over 64 KiB");
        partial_.assign(data, size);
        return size;
    }
    const std::size_t before = partial_.size();
    const std::size_t took = std::min(size, head_limit - before);
    partial_.append(data, took);
    if (!may_be_http(partial_)) return fail_at(0, "it does not speak HTTP/1");
    const std::size_t end = head_end(partial_, before < 2 ? 0 : before - 2);
    if (end == std::string_view::npos) {
        if (partial_.size() >= head_limit) return fail_at(0, "the answer's head is over 64 KiB");
        return took;
    }
    // Out of the member first: the sink may end the parser's life.
    std::string whole = std::move(partial_);
    partial_ = std::string();
    return take_head(whole.data(), end, sink) ? end - before : 0;
}

/// A whole head: status line, fields, empty line. False: it failed, or the sink said stop.
bool HttpResponseParser::take_head(char* head, std::size_t size, Sink& sink) {
    head_.fields.clear();
    std::string_view rest(head, size);
    bool first = true;
    for (;;) {
        std::size_t newline = rest.find('\n');
        if (!first) {
            // A folded line belongs to the one before: the break becomes blanks.
            while (newline + 1 < rest.size() && (rest[newline + 1] == ' ' || rest[newline + 1] == '\t') &&
                   newline > 0 && rest[0] != '\r') {
                char* at = head + (rest.data() - head) + newline;
                *at = ' ';
                if (at[-1] == '\r') at[-1] = ' ';
                newline = rest.find('\n');
            }
        }
        std::string_view line = rest.substr(0, newline);
        rest.remove_prefix(newline + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (first) {
            if (!take_status_line(line)) return false;
            first = false;
        } else if (line.empty()) {
            break;
        } else if (!take_field(line)) {
            return false;
        }
    }
    if (head_.status == 101) return fail("it switched protocols unasked");
    if (head_.status < 200) return ++interims_ <= interim_limit || fail("too many interim answers");
    if (!take_framing()) return false;
    return sink.on_head(head_);
}

bool HttpResponseParser::take_status_line(std::string_view line) {
    // HTTP/1.x SP 3DIGIT [SP reason]
    const auto digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
    const bool well_formed = line.size() >= 12 && line.starts_with("HTTP/1.") && digit(7) && line[8] == ' ' &&
                             digit(9) && digit(10) && digit(11) && (line.size() == 12 || line[12] == ' ');
    if (!well_formed) return fail("its status line is malformed");
    old_version_ = line[7] == '0';
    head_.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    return head_.status >= 100 || fail("its status line is malformed");
}

bool HttpResponseParser::take_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail("a header line has no colon");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!is_token(name)) return fail("a header's name is malformed");
    if (has_forbidden(value)) return fail("a header's value holds control characters");
    if (head_.fields.size() >= field_limit) return fail("it sent too many headers");
    head_.fields.push_back({name, value});
    return true;
}

/// Where the body ends, and whether the connection lives on (RFC 9112, 6.3).
bool HttpResponseParser::take_framing() {
    bool close = false;
    bool keep = false;
    bool coded = false;
    bool chunked = false;
    std::string_view length;
    for (const HttpHead::Field& field : head_.fields) {
        if (iequals(field.name, "connection")) {
            for_each_element(field.value, [&](std::string_view token) {
                close = close || iequals(token, "close");
                keep = keep || iequals(token, "keep-alive");
            });
        } else if (iequals(field.name, "transfer-encoding")) {
            if (coded || !iequals(field.value, "chunked")) return fail("its transfer coding is not chunked alone");
            coded = chunked = true;
        } else if (iequals(field.name, "content-length")) {
            bool valid = !field.value.empty();
            for_each_element(field.value, [&](std::string_view number) {
                valid = valid && (length.empty() || length == number);
                length = number;
            });
            if (!valid || length.empty()) return fail("its content lengths contradict each other");
        }
    }
    persistent_ = !close && (!old_version_ || keep);
    state_ = State::body;
    if (head_request_ || head_.status == 204 || head_.status == 304) {
        state_ = State::done;
        return true;
    }
    if (chunked) {
        // A length beside it, or an old version, is how one answer is made to look like two.
        if (!length.empty() || old_version_) persistent_ = false;
        body_ = Body::chunk_size;
        left_ = 0;
        line_size_ = 0;
        size_seen_ = in_extension_ = false;
        last_ = 0;
        return true;
    }
    if (length.empty()) {
        body_ = Body::until_close;
        persistent_ = false;
        return true;
    }
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), left_);
    const bool number = error == std::errc() && end == length.data() + length.size() && left_ <= INT64_MAX;
    if (!number) return fail("its content length is no number");
    body_ = Body::length;
    if (left_ == 0) state_ = State::done;
    return true;
}

std::size_t HttpResponseParser::feed_body(char* data, std::size_t size, Sink& sink) {
    std::size_t used = 0;
    while (used < size && state_ == State::body) {
        const std::size_t more = size - used;
        if (body_ == Body::length || body_ == Body::chunk_data || body_ == Body::until_close) {
            const bool counted = body_ != Body::until_close;
            const auto piece = counted ? static_cast<std::size_t>(std::min<std::uint64_t>(left_, more)) : more;
            if (counted) {
                left_ -= piece;
                if (left_ == 0 && body_ == Body::length) state_ = State::done;
                if (left_ == 0 && body_ == Body::chunk_data) body_ = Body::chunk_end;
            }
            char* const at = data + used;
            used += piece;
            if (!sink.on_body(at, piece)) return used;
        } else if (body_ == Body::chunk_size) {
            used += feed_chunk_size(data + used, more);
        } else if (body_ == Body::chunk_end) {
            used += feed_line_end(data + used, more);
        } else {
            used += feed_trailer(data + used, more);
        }
    }
    return used;
}

std::size_t HttpResponseParser::feed_chunk_size(const char* data, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        const char c = data[i];
        if (++line_size_ > line_limit) return fail_at(i, "a chunk's size line is too long");
        if (c == '\n') {
            if (last_ != '\r' || !size_seen_) return fail_at(i, "a chunk's size is malformed");
            body_ = left_ == 0 ? Body::trailer : Body::chunk_data;
            line_size_ = 0;
            line_empty_ = true;
            last_ = 0;
            return i + 1;
        }
        if (last_ == '\r') return fail_at(i, "a chunk's size is malformed");
        last_ = c;
        if (c == '\r' || in_extension_) continue;
        const int digit = hex_value(c);
        if (digit >= 0 && line_size_ <= chunk_digits) {
            size_seen_ = true;
            if (left_ > (INT64_MAX >> 4)) return fail_at(i, "a chunk is impossibly large");
            left_ = left_ * 16 + static_cast<unsigned>(digit);
        } else if (size_seen_ && (c == ';' || c == ' ' || c == '\t')) {
            in_extension_ = true;
        } else {
            return fail_at(i, "a chunk's size is malformed");
        }
    }
    return size;
}

/// The CRLF behind a chunk.
std::size_t HttpResponseParser::feed_line_end(const char* data, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        if (data[i] != (last_ == '\r' ? '\n' : '\r')) return fail_at(i, "a chunk is not as long as it says");
        if (data[i] == '\n') {
            body_ = Body::chunk_size;
            line_size_ = 0;
            size_seen_ = in_extension_ = false;
            last_ = 0;
            return i + 1;
        }
        last_ = data[i];
    }
    return size;
}

/// Lines after the last chunk are read past; the empty one ends the answer.
std::size_t HttpResponseParser::feed_trailer(const char* data, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        const char c = data[i];
        if (++line_size_ > head_limit) return fail_at(i, "the answer's trailer is over 64 KiB");
        if (c == '\n') {
            if (line_empty_) {
                state_ = State::done;
                return i + 1;
            }
            line_empty_ = true;
        } else if (c != '\r' || last_ == '\r') {
            line_empty_ = false;
        }
        last_ = c;
    }
    return size;
}

}  // namespace haive::mcp
