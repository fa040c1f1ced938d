#include "transport/websocket/websocket_codec.hpp"

#include "base/header_value.hpp"

#include <algorithm>
#include <boost/uuid/detail/sha1.hpp>
#include <utility>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_control = 125;

bool is_control(WebSocketOpcode opcode) { return static_cast<unsigned>(opcode) >= 8; }

void append_length(std::string& out, std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFFU);
}

}  // namespace

void append_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                  std::array<std::uint8_t, 4> mask) {
    out.reserve(out.size() + payload.size() + 14);
    out += static_cast<char>(0x80U | static_cast<unsigned>(opcode));
    constexpr unsigned masked = 0x80;
    if (payload.size() < 126) {
        out += static_cast<char>(masked | payload.size());
    } else if (payload.size() <= 0xFFFF) {
        out += static_cast<char>(masked | 126U);
        append_length(out, payload.size(), 2);
    } else {
        out += static_cast<char>(masked | 127U);
        append_length(out, payload.size(), 8);
    }
    for (const std::uint8_t byte : mask) out += static_cast<char>(byte);
    const std::size_t from = out.size();
    out += payload;
    for (std::size_t i = 0; i < payload.size(); ++i) {
        out[from + i] = static_cast<char>(static_cast<std::uint8_t>(out[from + i]) ^ mask[i & 3U]);
    }
}

std::optional<std::string> WebSocketParser::feed(std::string_view bytes, Sink& sink) {
    while (!bytes.empty()) {
        if (part_ != Part::payload) {
            const std::size_t n = std::min(want_ - have_, bytes.size());
            std::ranges::copy(bytes.substr(0, n), head_.begin() + static_cast<std::ptrdiff_t>(have_));
            have_ += n;
            bytes.remove_prefix(n);
            if (have_ < want_) return std::nullopt;
            auto problem = part_ == Part::head ? begin_frame() : check_size();
            if (problem) return problem;
            if (part_ != Part::payload || left_ > 0) continue;
        } else {
            const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
            (is_control(opcode_) ? control_ : message_) += bytes.substr(0, n);
            bytes.remove_prefix(n);
            left_ -= n;
            if (left_ > 0) return std::nullopt;
        }
        bool stopped = false;
        if (!end_frame(sink, stopped))
            return stopped ? std::nullopt : std::optional<std::string>("a broken close frame");
    }
    return std::nullopt;
}

std::optional<std::string> WebSocketParser::begin_frame() {
    final_ = (head_[0] & 0x80U) != 0;
    if ((head_[0] & 0x70U) != 0) return "a frame with reserved bits";
    opcode_ = static_cast<WebSocketOpcode>(head_[0] & 0x0FU);
    if ((head_[1] & 0x80U) != 0) return "a masked frame from a server";
    const unsigned size = head_[1] & 0x7FU;
    switch (opcode_) {
        case WebSocketOpcode::continuation:
            if (!in_message_) return "a continuation of nothing";
            break;
        case WebSocketOpcode::text:
        case WebSocketOpcode::binary:
            if (in_message_) return "a message inside a message";
            break;
        case WebSocketOpcode::close:
        case WebSocketOpcode::ping:
        case WebSocketOpcode::pong:
            if (!final_ || size > longest_control) return "a control frame that is too long or in pieces";
            break;
        default: return "a frame of an unknown kind";
    }
    if (size >= 126) {
        part_ = Part::length;
        want_ = size == 126 ? 4 : 10;
        return std::nullopt;
    }
    left_ = size;
    return check_size();
}

std::optional<std::string> WebSocketParser::check_size() {
    if (part_ == Part::length) {
        left_ = 0;
        for (std::size_t i = 2; i < want_; ++i) left_ = left_ << 8U | head_[i];
    }
    if (!is_control(opcode_) && (left_ > max_message_ || message_.size() + left_ > max_message_)) {
        return "a message over the limit of " + std::to_string(max_message_) + " bytes";
    }
    part_ = Part::payload;
    have_ = 0;
    want_ = 2;
    return std::nullopt;
}

bool WebSocketParser::end_frame(Sink& sink, bool& stopped) {
    part_ = Part::head;
    bool go_on = true;
    if (!is_control(opcode_)) {
        in_message_ = !final_;
        if (!final_) return true;
        std::string whole = std::move(message_);
        message_.clear();
        go_on = sink.on_message(whole);
        stopped = !go_on;
        return go_on;
    }
    const std::string payload = std::exchange(control_, {});
    if (opcode_ == WebSocketOpcode::ping) {
        go_on = sink.on_ping(payload);
    } else if (opcode_ == WebSocketOpcode::pong) {
        go_on = sink.on_pong();
    } else {
        if (payload.size() == 1) return false;
        const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<std::uint8_t>(payload[i])); };
        const std::uint16_t code =
            payload.empty() ? std::uint16_t{1005} : static_cast<std::uint16_t>(byte(0) << 8U | byte(1));
        go_on = sink.on_close(code, payload.empty() ? std::string_view() : std::string_view(payload).substr(2));
    }
    stopped = !go_on;
    return go_on;
}

std::string websocket_accept(std::string_view key) {
    boost::uuids::detail::sha1 sha;
    sha.process_bytes(key.data(), key.size());
    constexpr std::string_view magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    sha.process_bytes(magic.data(), magic.size());
    unsigned int words[5];
    sha.get_digest(words);
    std::string digest;
    for (const unsigned int word : words) append_length(digest, word, 4);
    return base64(digest);
}

}  // namespace haive::mcp
