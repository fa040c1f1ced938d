#pragma once

#include "http_fault_table.hpp"
#include "http_session.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace builtin {

/// Streamable HTTP at /mcp, for both eras.
class HttpServer {
public:
    explicit HttpServer(World& world) : world_(world), faults_(world.switches) {}

    /// One connection. The server must outlive it.
    void serve(StreamPtr stream);
    /// Ends all sessions and streams.
    void close();

private:
    using SessionPtr = std::shared_ptr<HttpSession>;

    // http_server.cpp: what is common to the eras.
    void on_request(const HttpRequest& request, const HttpReplyPtr& reply);
    void on_post(const HttpRequest& request, const HttpReplyPtr& reply);
    void route(const HttpRequest& request, json::object message, const HttpReplyPtr& reply);

    // http_sessions.cpp: the legacy era.
    void on_get(const HttpRequest& request, const HttpReplyPtr& reply, bool faulty);
    void on_delete(const HttpRequest& request, const HttpReplyPtr& reply);
    void post_to_session(const HttpRequest& request, json::object message, const HttpAnswerPtr& answer,
                         const HttpReplyPtr& reply);
    void begin_session(const HttpRequest& request, json::object message, const HttpReplyPtr& reply, bool faulty);
    /// nullptr when there is none: `reply` was told.
    [[nodiscard]] SessionPtr session_of(const HttpRequest& request, const json::value& id, HttpReply& reply);
    void say_lost(const json::value& id, HttpReply& reply) const;
    void forget(const SessionPtr& session);

    World& world_;
    HttpFaultTable faults_;
    std::map<std::string, SessionPtr> sessions_;
    std::deque<std::string> order_;  // the oldest first
};

/// One request of the modern era, headers and all.
void serve_modern(World& world, const HttpRequest& request, json::object message, const HttpReplyPtr& reply,
                  bool faulty);

}  // namespace builtin
