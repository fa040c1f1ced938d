#include "websocket_codec.hpp"

#include "message.hpp"
#include "seal.hpp"

namespace builtin {

namespace {

constexpr std::size_t longest = std::size_t{64} << 20;
constexpr unsigned op_continue = 0;
constexpr unsigned op_text = 1;
constexpr unsigned op_close = 8;
constexpr unsigned op_ping = 9;
constexpr unsigned op_pong = 10;

}  // namespace

std::optional<WebSocketMessage> WebSocketReader::next() {
    while (bad_ == 0) {
        const auto byte = [this](std::size_t at) -> std::uint64_t { return static_cast<unsigned char>(buffer_[at]); };
        if (buffer_.size() < 2) return std::nullopt;
        const auto first = static_cast<unsigned>(byte(0));
        std::uint64_t size = byte(1) & 0x7f;
        const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
        const std::size_t head = 2 + more + 4;
        const bool control = (first & 0x08) != 0;
        if ((byte(1) & 0x80) == 0 || (first & 0x70) != 0 || (control && (size > 125 || (first & 0x80) == 0))) {
            bad_ = 1002;
            return std::nullopt;
        }
        if (buffer_.size() < head) return std::nullopt;
        if (more != 0) size = 0;
        for (std::size_t i = 0; i < more; ++i) size = size << 8 | byte(2 + i);
        if (size > longest || size + message_.size() > longest) {
            bad_ = 1009;
            return std::nullopt;
        }
        if (buffer_.size() - head < size) return std::nullopt;
        std::string data = buffer_.substr(head, size);
        for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(data[i] ^ buffer_[head - 4 + i % 4]);
        buffer_.erase(0, head + size);
        if (auto whole = take(first & 0x0f, (first & 0x80) != 0, std::move(data))) return whole;
    }
    return std::nullopt;
}

std::optional<WebSocketMessage> WebSocketReader::take(unsigned opcode, bool last, std::string data) {
    using Kind = WebSocketMessage::Kind;
    if (opcode == op_close) return WebSocketMessage{Kind::close, std::move(data)};
    if (opcode == op_ping) return WebSocketMessage{Kind::ping, std::move(data)};
    if (opcode == op_pong) return WebSocketMessage{Kind::pong, std::move(data)};
    const bool in_order = opcode == (continues_ ? op_continue : op_text);
    if (!in_order) {
        bad_ = opcode == 2 ? 1003 : 1002;  // binary is no message of ours
        return std::nullopt;
    }
    message_ += data;
    continues_ = !last;
    if (!last) return std::nullopt;
    if (!is_utf8(message_)) {
        bad_ = 1007;
        return std::nullopt;
    }
    return WebSocketMessage{Kind::text, std::exchange(message_, {})};
}

std::string websocket_frame(WebSocketMessage::Kind kind, std::string_view data) {
    using Kind = WebSocketMessage::Kind;
    const unsigned opcode = kind == Kind::text    ? op_text
                            : kind == Kind::close ? op_close
                            : kind == Kind::ping  ? op_ping
                                                  : op_pong;
    std::string out(1, static_cast<char>(0x80 | opcode));
    const std::size_t more = data.size() < 126 ? 0 : data.size() < 65536 ? 2 : 8;
    out += static_cast<char>(more == 0 ? data.size() : more == 2 ? 126 : 127);
    for (std::size_t i = more; i > 0; --i) out += static_cast<char>(data.size() >> (8 * (i - 1)) & 0xff);
    return out.append(data);
}

std::string websocket_code(int code) { return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)}; }

std::string websocket_accept(std::string_view key) {
    return to_base64(sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

}  // namespace builtin
