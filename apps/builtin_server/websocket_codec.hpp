#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace builtin {

/// One whole message of a client.
struct WebSocketMessage {
    enum class Kind { text, close, ping, pong };
    Kind kind;
    std::string data;
};

/// Reads a client's frames (RFC 6455) out of bytes that come in any pieces. Pure. At most 64 MiB a message.
class WebSocketReader {
public:
    void feed(std::string_view bytes) { buffer_ += bytes; }
    [[nodiscard]] std::optional<WebSocketMessage> next();
    /// The code to close with, 0 while all is well.
    [[nodiscard]] int bad() const noexcept { return bad_; }

private:
    [[nodiscard]] std::optional<WebSocketMessage> take(unsigned opcode, bool last, std::string data);

    std::string buffer_;
    std::string message_;
    bool continues_ = false;
    int bad_ = 0;
};

/// One frame of the server, whole.
[[nodiscard]] std::string websocket_frame(WebSocketMessage::Kind kind, std::string_view data);
/// The data of a close frame with that code.
[[nodiscard]] std::string websocket_code(int code);
/// What the handshake answers to the client's key.
[[nodiscard]] std::string websocket_accept(std::string_view key);

}  // namespace builtin
