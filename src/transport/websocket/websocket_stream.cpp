#include "transport/websocket/websocket_stream.hpp"

#include "base/header_value.hpp"
#include "transport/http/answer_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_head = std::size_t{16} << 10;
constexpr std::size_t most_pongs = std::size_t{64} << 10;

/// The value of a header in an answer's head, in lower-case comparison; empty when it is not there.
std::string_view header_in(std::string_view head, std::string_view name) {
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(head.size(), end + 2));
        const std::size_t colon = line.find(':');
        if (colon != name.size()) continue;
        const bool same = std::ranges::equal(line.substr(0, colon), name, [](char a, char b) {
            return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
        });
        if (!same) continue;
        line.remove_prefix(colon + 1);
        while (line.starts_with(' ')) line.remove_prefix(1);
        while (line.ends_with(' ')) line.remove_suffix(1);
        return line;
    }
    return {};
}

int status_in(std::string_view head) {
    if (!head.starts_with("HTTP/1.") || head.size() < 12) return 0;
    int status = 0;
    std::from_chars(head.data() + 9, head.data() + 12, status);
    return status;
}

}  // namespace

WebSocketStream::WebSocketStream(std::unique_ptr<ByteStream> wire, Random& random, std::size_t max_message)
    : wire_(std::move(wire)), random_(random), parser_(max_message), self_(std::make_shared<WebSocketStream*>(this)) {}

WebSocketStream::~WebSocketStream() {
    *self_ = nullptr;
    wire_->close();
}

void WebSocketStream::open(std::string_view host, std::string_view target, std::string_view headers, Opened opened) {
    opened_ = std::move(opened);
    std::array<char, 16> nonce{};
    for (std::size_t i = 0; i < nonce.size(); i += 8) {
        const std::uint64_t bits = random_.next();
        std::memcpy(nonce.data() + i, &bits, 8);
    }
    key_ = base64(std::string_view(nonce.data(), nonce.size()));
    out_ = "GET ";
    out_ += target;
    out_ += " HTTP/1.1\r\nHost: ";
    out_ += host;
    out_ += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mcp"
            "\r\nSec-WebSocket-Key: ";
    out_ += key_;
    out_ += "\r\n";
    out_ += headers;
    out_ += "\r\n";
    wire_->start(*this);
    flush();
}

void WebSocketStream::on_bytes(char* data, std::size_t size) {
    std::string_view bytes(data, size);
    if (state_ == State::upgrading) {
        head_ += bytes;
        const std::size_t end = head_.find("\r\n\r\n");
        if (end == std::string::npos) {
            if (head_.size() <= longest_head) return;
            return fail_open(Error(ErrorKind::protocol_violation, "the answer to the WebSocket upgrade has no end"));
        }
        early_ = head_.substr(end + 4);
        head_.resize(end + 2);
        on_upgrade(head_);
        return;
    }
    if (handler_ == nullptr) {
        early_ += bytes;  // bounded: one block, until `start` in the same turn
        return;
    }
    feed(bytes);
}

void WebSocketStream::on_upgrade(std::string_view head) {
    const int status = status_in(head);
    if (status != 101) {
        RefusalFacts facts;
        facts.status = status;
        Error error = status >= 400
                          ? refusal_error(facts)
                          : Error(ErrorKind::protocol_violation,
                                  "the server did not switch to WebSocket (HTTP " + std::to_string(status) + ")");
        if (status < 400) error.set_attempt_class(AttemptClass::fatal);
        return fail_open(std::move(error));
    }
    if (header_in(head, "sec-websocket-accept") != websocket_accept(key_)) {
        Error error(ErrorKind::protocol_violation,
                    "the server's answer to the WebSocket upgrade is not for our request");
        error.set_attempt_class(AttemptClass::fatal);
        return fail_open(std::move(error));
    }
    state_ = State::open;
    if (auto opened = std::move(opened_); opened) opened(Result<void>());
}

void WebSocketStream::fail_open(Error error) {
    state_ = State::ended;
    wire_->close();
    if (auto opened = std::move(opened_); opened) opened(Result<void>(std::move(error)));
}

void WebSocketStream::start(ByteStream::Handler& handler) {
    handler_ = &handler;
    if (early_.empty()) return;
    const std::string early = std::move(early_);
    early_.clear();
    feed(early);
}

bool WebSocketStream::feed(std::string_view bytes) {
    auto self = self_;
    const auto problem = parser_.feed(bytes, *this);
    if (*self == nullptr) return false;
    if (problem)
        end(Error(ErrorKind::protocol_violation, "the server broke the WebSocket protocol: " + *problem), false);
    if (*self != nullptr && state_ == State::open) flush();
    return *self != nullptr;
}

bool WebSocketStream::on_message(std::string& payload) {
    // Line breaks in JSON stand between tokens only, where a blank is as good.
    std::ranges::replace(payload, '\n', ' ');
    std::ranges::replace(payload, '\r', ' ');
    payload += '\n';
    payload.reserve(payload.size() + read_slack);
    auto self = self_;
    handler_->on_bytes(payload.data(), payload.size());
    return *self != nullptr && state_ == State::open && handler_ != nullptr;
}

bool WebSocketStream::on_ping(std::string_view payload) {
    if (out_.size() - out_at_ < most_pongs) frame(WebSocketOpcode::pong, payload);
    return true;
}

bool WebSocketStream::on_close(std::uint16_t code, std::string_view reason) {
    frame(WebSocketOpcode::close, {});
    auto self = self_;
    flush();
    std::string text = "the server closed the WebSocket (" + std::to_string(code);
    if (!reason.empty()) text += ", '" + std::string(reason) + '\'';
    end(Error(ErrorKind::connection_lost, text + ')'), code == 1000 || code == 1001);
    return false;
}

void WebSocketStream::frame(WebSocketOpcode opcode, std::string_view payload) {
    const std::uint64_t bits = random_.next();
    std::array<std::uint8_t, 4> mask{};
    std::memcpy(mask.data(), &bits, mask.size());
    append_frame(out_, opcode, payload, mask);
}

ByteStream::Written WebSocketStream::write(std::span<const iovec> pieces) {
    Written out;
    if (out_at_ < out_.size()) {
        out.blocked = true;
        return out;
    }
    for (const iovec& piece : pieces) {
        std::string_view bytes(static_cast<const char*>(piece.iov_base), piece.iov_len);
        out.bytes += bytes.size();
        for (std::size_t end; (end = bytes.find('\n')) != std::string_view::npos; bytes.remove_prefix(end + 1)) {
            if (line_.empty()) {
                frame(WebSocketOpcode::text, bytes.substr(0, end));
            } else {
                line_ += bytes.substr(0, end);
                frame(WebSocketOpcode::text, line_);
                line_.clear();
            }
        }
        line_ += bytes;
    }
    out.broken = !flush();
    return out;
}

bool WebSocketStream::flush() {
    while (out_at_ < out_.size()) {
        const iovec piece{out_.data() + out_at_, out_.size() - out_at_};
        const Written written = wire_->write(std::span(&piece, 1));
        out_at_ += written.bytes;
        if (written.broken) return false;
        if (written.blocked) {
            wire_->await_writable();
            return true;
        }
    }
    out_.clear();
    out_at_ = 0;
    return true;
}

void WebSocketStream::await_writable() {
    wants_room_ = true;
    wire_->await_writable();
}

void WebSocketStream::on_writable() {
    if (!flush() || out_at_ < out_.size()) return;
    if (handler_ != nullptr && std::exchange(wants_room_, false)) handler_->on_writable();
}

void WebSocketStream::on_stream_end(Error error, bool /*graceful*/) {
    if (state_ == State::upgrading) return fail_open(std::move(error));
    // Without a close frame it is a loss, however orderly the socket's end was.
    end(std::move(error), false);
}

void WebSocketStream::end(Error error, bool graceful) {
    if (state_ == State::ended) return;
    state_ = State::ended;
    if (auto* told = std::exchange(handler_, nullptr); told != nullptr) told->on_stream_end(std::move(error), graceful);
}

void WebSocketStream::close() noexcept {
    if (state_ == State::open) {
        frame(WebSocketOpcode::close, std::string_view("\x03\xe8", 2));
        flush();
    }
    state_ = State::ended;
    handler_ = nullptr;
    wire_->close();
}

}  // namespace haive::mcp
