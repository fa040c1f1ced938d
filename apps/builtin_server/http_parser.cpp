#include "http_parser.hpp"

#include <algorithm>
#include <charconv>

namespace builtin {

namespace {

constexpr std::size_t most_head = std::size_t{64} << 10;
constexpr std::size_t most_body = std::size_t{256} << 20;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.contains(c);
    });
}

std::optional<std::size_t> number(std::string_view text, int base) {
    std::size_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

}  // namespace

const std::string* HttpRequest::header(std::string_view name) const {
    const auto found =
        std::ranges::find(headers, name, [](const auto& each) -> std::string_view { return each.first; });
    return found == headers.end() ? nullptr : &found->second;
}

bool HttpParser::fail(int status) {
    bad_ = status;
    return false;
}

bool HttpParser::take_expectation() { return std::exchange(expects_, false); }

std::optional<HttpRequest> HttpParser::next() {
    const bool whole = bad_ == 0 && (in_ != In::head || read_head()) && read_body();
    buffer_.erase(0, at_);
    at_ = 0;
    if (!whole) return std::nullopt;
    in_ = In::head;
    expects_ = false;
    return std::exchange(request_, {});
}

std::optional<std::string> HttpParser::take_line() {
    const std::size_t end = buffer_.find('\n', at_);
    if (end == std::string::npos) return std::nullopt;
    std::string line = buffer_.substr(at_, end - at_);
    at_ = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

bool HttpParser::read_head() {
    while (buffer_.compare(at_, 2, "\r\n") == 0) at_ += 2;  // RFC 9112 2.2: blank lines before a request
    const std::size_t end = buffer_.find("\r\n\r\n", at_);
    if (end == std::string::npos || end - at_ > most_head) {
        return buffer_.size() - at_ > most_head ? fail(431) : false;
    }
    const std::string start = take_line().value_or("");
    const std::size_t first = start.find(' ');
    const std::size_t last = start.rfind(' ');
    if (first == std::string::npos || first == last) return fail(400);
    const std::string_view version = std::string_view(start).substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(version.starts_with("HTTP/") ? 505 : 400);
    request_.method = start.substr(0, first);
    std::string target = start.substr(first + 1, last - first - 1);
    const std::size_t question = target.find('?');
    request_.path = target.substr(0, question);
    if (question != std::string::npos) request_.query = target.substr(question + 1);
    request_.keep_alive = version == "HTTP/1.1";
    has_length_ = chunked_ = expects_ = false;
    length_ = 0;
    while (at_ < end + 2 && bad_ == 0) read_header(take_line().value_or(""));
    at_ = end + 4;
    if (chunked_ && has_length_) return fail(400);
    in_ = chunked_ ? In::chunk_size : In::body;
    return bad_ == 0;
}

void HttpParser::read_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return void(fail(400));
    std::string name = lower(line.substr(0, colon));
    std::string value(trimmed(line.substr(colon + 1)));
    if (name == "content-length") {
        const auto length = number(value, 10);
        if (!length || (has_length_ && *length != length_)) return void(fail(400));
        if (*length > most_body) return void(fail(413));
        length_ = *length;
        has_length_ = true;
    } else if (name == "transfer-encoding") {
        if (lower(value) != "chunked") return void(fail(501));
        chunked_ = true;
    } else if (name == "expect") {
        expects_ = lower(value) == "100-continue";
    } else if (name == "connection") {
        if (lower(value).contains("close")) request_.keep_alive = false;
    }
    request_.headers.emplace_back(std::move(name), std::move(value));
}

bool HttpParser::read_body() {
    if (in_ != In::body) return read_chunks();
    if (buffer_.size() - at_ < length_) return false;
    request_.body = buffer_.substr(at_, length_);
    at_ += length_;
    return true;
}

bool HttpParser::read_chunks() {
    for (;;) {
        if (in_ == In::chunk) {
            const std::size_t n = std::min(chunk_left_, buffer_.size() - at_);
            request_.body.append(buffer_, at_, n);
            at_ += n;
            chunk_left_ -= n;
            if (chunk_left_ > 0) return false;
            in_ = In::chunk_end;
        }
        const auto line = take_line();
        if (!line) return buffer_.size() - at_ > most_head ? fail(400) : false;
        if (in_ == In::trailers) {
            if (line->empty()) return true;
        } else if (in_ == In::chunk_end) {
            if (!line->empty()) return fail(400);
            in_ = In::chunk_size;
        } else {
            const auto size = number(trimmed(std::string_view(*line).substr(0, line->find(';'))), 16);
            if (!size) return fail(400);
            if (*size > most_body - request_.body.size()) return fail(413);
            chunk_left_ = *size;
            in_ = *size == 0 ? In::trailers : In::chunk;
        }
    }
}

}  // namespace builtin
