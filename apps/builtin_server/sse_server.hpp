#pragma once

#include "conversation.hpp"
#include "http_connection.hpp"

#include <map>
#include <memory>
#include <string>

namespace builtin {

/// HTTP with SSE as of 2024-11-05: GET /sse opens the stream and the session, POST /message?sessionId= brings what
/// the client says, and all answers come on the stream. The session ends with its stream.
class SseServer {
public:
    explicit SseServer(World& world) : world_(world) {}

    /// One connection. The server must outlive it.
    void serve(StreamPtr stream);
    /// Ends all streams.
    void close();

private:
    struct Session {
        OutletPtr outlet;
        std::shared_ptr<Conversation> conversation;
    };

    void on_request(const HttpRequest& request, const HttpReplyPtr& reply);
    void open(const HttpReplyPtr& reply);
    void on_post(const HttpRequest& request, const HttpReplyPtr& reply);
    void forget(const std::string& id);

    World& world_;
    std::map<std::string, Session> sessions_;
};

}  // namespace builtin
