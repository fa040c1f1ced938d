#include "websocket_server.hpp"

#include "conversation.hpp"
#include "http_connection.hpp"
#include "http_rules_plan.hpp"
#include "json_text.hpp"
#include "websocket_codec.hpp"

#include <algorithm>

namespace builtin {

namespace {

using Kind = WebSocketMessage::Kind;

class FrameOutlet final : public Outlet {
public:
    explicit FrameOutlet(StreamPtr stream) : stream_(std::move(stream)) {}
    void line(std::string_view json) override { stream_->write(websocket_frame(Kind::text, json)); }
    void answer(std::string_view json, int) override { line(json); }
    void interrupt(bool) override { stream_->close(); }

private:
    StreamPtr stream_;
};

/// One connection, from its HTTP request on. Its stream's handlers own it.
class WebSocketConnection {
public:
    WebSocketConnection(World& world, StreamPtr stream) : world_(world), stream_(std::move(stream)) {}
    ~WebSocketConnection() { end(); }
    WebSocketConnection(const WebSocketConnection&) = delete;
    WebSocketConnection& operator=(const WebSocketConnection&) = delete;

    void on_bytes(std::string_view bytes);
    void end() {
        if (conversation_) conversation_->close();
        conversation_ = nullptr;
    }

private:
    void open(const HttpRequest& request);
    void refuse(int status);
    void read_frames();
    void on_text(std::string_view text);
    void close(std::string_view data);

    World& world_;
    StreamPtr stream_;
    HttpParser head_;
    WebSocketReader frames_;
    OutletPtr outlet_;
    std::shared_ptr<Conversation> conversation_;
    bool open_ = false;
};

void WebSocketConnection::refuse(int status) {
    stream_->write("HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_phrase(status)) +
                   "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream_->close();
}

void WebSocketConnection::on_bytes(std::string_view bytes) {
    if (!open_) {
        head_.feed(bytes);
        const auto request = head_.next();
        if (head_.bad() != 0) return refuse(head_.bad());
        if (!request) return;
        open(*request);
        bytes = {};
        frames_.feed(head_.rest());
    }
    frames_.feed(bytes);
    if (open_) read_frames();
}

void WebSocketConnection::open(const HttpRequest& request) {
    const std::string* key = request.header("sec-websocket-key");
    const std::string* version = request.header("sec-websocket-version");
    const std::string* protocol = request.header("sec-websocket-protocol");
    if (!comes_from_here(request)) return refuse(403);
    if (key == nullptr || version == nullptr || *version != "13" || request.method != "GET") return refuse(400);
    std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    answer += "Sec-WebSocket-Accept: " + websocket_accept(*key) + "\r\n";
    if (protocol != nullptr && protocol->contains("mcp")) answer += "Sec-WebSocket-Protocol: mcp\r\n";
    stream_->write(answer + "\r\n");
    open_ = true;
    outlet_ = std::make_shared<FrameOutlet>(stream_);
    conversation_ = std::make_shared<Conversation>(world_, outlet_);
}

void WebSocketConnection::read_frames() {
    while (stream_->open()) {
        const auto message = frames_.next();
        if (frames_.bad() != 0) return close(websocket_code(frames_.bad()));
        if (!message) return;
        if (message->kind == Kind::close) return close(message->data);
        if (message->kind == Kind::ping) stream_->write(websocket_frame(Kind::pong, message->data));
        if (message->kind == Kind::text) on_text(message->data);
    }
}

void WebSocketConnection::on_text(std::string_view text) {
    if (world_.replies.silent() || !conversation_ || !conversation_->reading()) return;
    try {
        conversation_->on_message(message_in(text), outlet_);
    } catch (const Refusal& refusal) {
        world_.replies.refuse(*outlet_, nullptr, refusal);
    }
}

void WebSocketConnection::close(std::string_view data) {
    stream_->write(websocket_frame(Kind::close, data));
    end();
    stream_->close();
}

}  // namespace

void serve_websocket(World& world, const StreamPtr& stream) {
    const auto connection = std::make_shared<WebSocketConnection>(world, stream);
    stream->start([connection](std::string_view bytes) { connection->on_bytes(bytes); },
                  [connection] { connection->end(); });
}

}  // namespace builtin
