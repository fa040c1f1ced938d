#include "http_connection.hpp"

#include <array>
#include <cstdio>

namespace builtin {

namespace {

std::string head(int status, const HttpHeaders& headers, bool keep_alive) {
    std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
    out += reason_phrase(status);
    out += "\r\n";
    for (const auto& [name, value] : headers) out.append(name).append(": ").append(value).append("\r\n");
    if (!keep_alive) out += "Connection: close\r\n";
    return out;
}

}  // namespace

std::string_view reason_phrase(int status) {
    constexpr std::array<std::pair<int, std::string_view>, 20> phrases{{
        {101, "Switching Protocols"},
        {200, "OK"},
        {202, "Accepted"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    }};
    for (const auto& [number, phrase] : phrases) {
        if (number == status) return phrase;
    }
    return "Unknown";
}

void HttpReply::send(int status, HttpHeaders headers, std::string_view body) {
    const auto connection = connection_.lock();
    if (done_ || begun_ || !connection) return;
    const bool no_body = status == 204 || status == 202;
    if (!no_body || !body.empty()) headers.emplace_back("Content-Length", std::to_string(body.size()));
    if (status == 202 && body.empty()) headers.emplace_back("Content-Length", "0");
    std::string bytes = head(status, headers, connection->keep_alive_) + "\r\n";
    bytes += body;
    done_ = true;
    gone_ = nullptr;
    connection->stream_->write(bytes);
    connection->finished();
}

void HttpReply::begin(int status, HttpHeaders headers) {
    const auto connection = connection_.lock();
    if (done_ || begun_ || !connection) return;
    begun_ = true;
    headers.emplace_back("Transfer-Encoding", "chunked");
    connection->stream_->write(head(status, headers, connection->keep_alive_) + "\r\n");
}

void HttpReply::promise(int status, HttpHeaders headers, std::size_t size) {
    const auto connection = connection_.lock();
    if (done_ || begun_ || !connection) return;
    begun_ = true;
    headers.emplace_back("Content-Length", std::to_string(size));
    connection->stream_->write(head(status, headers, connection->keep_alive_) + "\r\n");
}

void HttpReply::chunk(std::string_view bytes) {
    const auto connection = connection_.lock();
    if (done_ || !begun_ || !connection || bytes.empty()) return;
    char size[20];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    std::string out(size, static_cast<std::size_t>(digits));
    out.append(bytes).append("\r\n");
    connection->stream_->write(out);
}

void HttpReply::end() {
    const auto connection = connection_.lock();
    if (done_ || !begun_ || !connection) return;
    done_ = true;
    gone_ = nullptr;
    connection->stream_->write("0\r\n\r\n");
    connection->finished();
}

void HttpReply::raw(std::string_view bytes) {
    const auto connection = connection_.lock();
    if (!done_ && connection) connection->stream_->write(bytes);
}

void HttpReply::drop() {
    const auto connection = connection_.lock();
    if (done_ || !connection) return;
    done_ = true;
    gone_ = nullptr;
    connection->current_ = nullptr;
    connection->stream_->close();
}

void HttpReply::client_gone() {
    if (done_) return;
    done_ = true;
    if (const auto gone = std::exchange(gone_, nullptr)) gone();
}

void HttpConnection::start() {
    stream_->start([self = shared_from_this()](std::string_view bytes) { self->on_bytes(bytes); },
                   [self = shared_from_this()] { self->on_end(); });
}

void HttpConnection::on_bytes(std::string_view bytes) {
    constexpr std::size_t most_ahead = std::size_t{1} << 20;
    parser_.feed(bytes);
    if (current_ && parser_.buffered() > most_ahead) return stream_->reset();  // requests without end, unanswered
    next();
}

void HttpConnection::next() {
    if (taking_) return;  // an answer that is there at once comes back here
    taking_ = true;
    while (!current_ && stream_->open()) {
        auto request = parser_.next();
        if (parser_.take_expectation()) stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
        if (parser_.bad() != 0) {
            stream_->write(head(parser_.bad(), {{"Content-Length", "0"}}, false) + "\r\n");
            stream_->close();
            break;
        }
        if (!request) break;
        keep_alive_ = request->keep_alive;
        current_ = std::make_shared<HttpReply>(weak_from_this());
        const HttpReplyPtr reply = current_;
        handler_(std::move(*request), reply);
    }
    taking_ = false;
}

void HttpConnection::finished() {
    current_ = nullptr;
    if (!keep_alive_) return stream_->close();
    next();
}

void HttpConnection::on_end() {
    const auto gone = std::exchange(current_, nullptr);
    if (gone) gone->client_gone();
}

}  // namespace builtin
