#pragma once

#include "http_parser.hpp"
#include "stream.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace builtin {

class HttpConnection;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The answer to one HTTP request: whole by send(), or a stream by begin(), chunk()... and end(). What comes after
/// its end, or after the client has gone, is ignored.
class HttpReply {
public:
    explicit HttpReply(std::weak_ptr<HttpConnection> connection) : connection_(std::move(connection)) {}

    void send(int status, HttpHeaders headers, std::string_view body);
    void begin(int status, HttpHeaders headers);
    /// The head of an answer of `size` bytes, which raw() is to bring.
    void promise(int status, HttpHeaders headers, std::size_t size);
    void chunk(std::string_view bytes);
    void end();
    /// Bytes as they are, in the middle of whatever goes on.
    void raw(std::string_view bytes);
    /// Closes the connection, without an end to the stream.
    void drop();

    [[nodiscard]] bool open() const { return !done_ && !connection_.expired(); }
    [[nodiscard]] bool begun() const noexcept { return begun_; }
    /// Called once if the client goes before the answer is whole.
    void on_gone(std::function<void()> gone) { gone_ = std::move(gone); }

private:
    friend class HttpConnection;
    void client_gone();

    std::weak_ptr<HttpConnection> connection_;
    std::function<void()> gone_;
    bool begun_ = false;
    bool done_ = false;
};
using HttpReplyPtr = std::shared_ptr<HttpReply>;

/// One HTTP/1.1 connection: requests one after the other, with keep-alive.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    using Handler = std::function<void(HttpRequest, const HttpReplyPtr&)>;

    HttpConnection(StreamPtr stream, Handler handler) : stream_(std::move(stream)), handler_(std::move(handler)) {}
    void start();

private:
    friend class HttpReply;
    void on_bytes(std::string_view bytes);
    void on_end();
    void next();
    void finished();

    StreamPtr stream_;
    Handler handler_;
    HttpParser parser_;
    HttpReplyPtr current_;
    bool keep_alive_ = true;
    bool taking_ = false;
};

[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace builtin
