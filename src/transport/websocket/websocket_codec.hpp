#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Kinds of WebSocket frames (RFC 6455, 5.2).
enum class WebSocketOpcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

/// Appends one whole client frame. Pure. `mask` must be unpredictable (RFC 6455, 5.3).
void append_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload, std::array<std::uint8_t, 4> mask);

/// Takes a server's bytes apart into messages. Pure. Refuses what RFC 6455 forbids a server: masked frames,
/// reserved bits, control frames in pieces or over 125 bytes, pieces out of order, messages over the limit.
class WebSocketParser {
public:
    explicit WebSocketParser(std::size_t max_message) noexcept : max_message_(max_message) {}

    struct Sink {
        virtual ~Sink() = default;
        /// A whole text or binary message. False stops; the parser may be gone then.
        virtual bool on_message(std::string& payload) = 0;
        virtual bool on_ping(std::string_view payload) = 0;
        virtual bool on_pong() = 0;
        /// `code` 1005 when the server gave none.
        virtual bool on_close(std::uint16_t code, std::string_view reason) = 0;
    };
    /// What is wrong with the stream, or nothing. After an error it must not be fed again.
    [[nodiscard]] std::optional<std::string> feed(std::string_view bytes, Sink& sink);

private:
    enum class Part : std::uint8_t { head, length, payload };

    std::optional<std::string> begin_frame();
    std::optional<std::string> check_size();
    bool end_frame(Sink& sink, bool& stopped);

    std::size_t max_message_;
    Part part_ = Part::head;
    std::array<std::uint8_t, 10> head_{};
    std::size_t have_ = 0;
    std::size_t want_ = 2;
    std::uint64_t left_ = 0;  // of the frame's payload
    WebSocketOpcode opcode_ = WebSocketOpcode::text;
    bool final_ = true;
    bool in_message_ = false;
    std::string message_;
    std::string control_;
};

/// The value of `Sec-WebSocket-Accept` that answers `key` (RFC 6455, 4.2.2).
[[nodiscard]] std::string websocket_accept(std::string_view key);

}  // namespace haive::mcp
