#pragma once

#include "haive/mcp/base/random.hpp"
#include "haive/mcp/base/unique_function.hpp"
#include "transport/stream/byte_stream.hpp"
#include "transport/websocket/websocket_codec.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

/// A WebSocket as a stream of lines, so that everything above it is what stdio uses: each line that goes in
/// leaves as one text message, each message comes out as one line. Loop thread only.
class WebSocketStream final : public ByteStream, private ByteStream::Handler, private WebSocketParser::Sink {
public:
    using Opened = UniqueFunction<void(Result<void>)>;

    /// `wire` is connected. `random` makes the masks.
    WebSocketStream(std::unique_ptr<ByteStream> wire, Random& random, std::size_t max_message);
    ~WebSocketStream() override;

    /// Asks for the upgrade; `headers` are further header lines with CRLF. `opened` is called once.
    void open(std::string_view host, std::string_view target, std::string_view headers, Opened opened);

    // ByteStream
    void start(ByteStream::Handler& handler) override;
    Written write(std::span<const iovec> pieces) override;
    void await_writable() override;
    void pause_reading() override { wire_->pause_reading(); }
    void resume_reading() override { wire_->resume_reading(); }
    void limit_turn(std::size_t bytes) override { wire_->limit_turn(bytes); }
    void close() noexcept override;

private:
    enum class State : std::uint8_t { upgrading, open, ended };

    // The wire's
    void on_bytes(char* data, std::size_t size) override;
    void on_writable() override;
    void on_stream_end(Error error, bool graceful) override;
    // The parser's
    bool on_message(std::string& payload) override;
    bool on_ping(std::string_view payload) override;
    bool on_pong() override { return true; }
    bool on_close(std::uint16_t code, std::string_view reason) override;

    void on_upgrade(std::string_view head);
    void fail_open(Error error);
    void frame(WebSocketOpcode opcode, std::string_view payload);
    /// Hands the wire what it takes. False when it is broken.
    bool flush();
    void end(Error error, bool graceful);
    bool feed(std::string_view bytes);

    std::unique_ptr<ByteStream> wire_;
    Random& random_;
    WebSocketParser parser_;
    ByteStream::Handler* handler_ = nullptr;
    Opened opened_;
    State state_ = State::upgrading;
    std::string key_;
    std::string head_;   // of the upgrade's answer
    std::string early_;  // what came behind it before `start`
    std::string line_;   // of ours, not complete yet
    std::string out_;    // frames the wire has not taken
    std::size_t out_at_ = 0;
    bool wants_room_ = false;
    std::shared_ptr<WebSocketStream*> self_;
};

}  // namespace haive::mcp
