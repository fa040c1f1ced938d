// The sessions of the legacy era: who begins one, who may use it, and how it is lost.
#include "http_rules_plan.hpp"
#include "http_server.hpp"

#include <algorithm>

namespace builtin {

namespace {

constexpr std::string_view session_header = "mcp-session-id";
constexpr std::string_view version_header = "mcp-protocol-version";
constexpr std::size_t most_sessions = 1000;

json::value id_in(const json::object& message) {
    const auto* id = message.if_contains("id");
    return id != nullptr ? *id : json::value();
}

}  // namespace

void HttpServer::begin_session(const HttpRequest& request, json::object message, const HttpReplyPtr& reply,
                               bool faulty) {
    if (request.header(session_header) != nullptr) {
        return refuse_over_http(*reply, 400, id_in(message), {-32600, "Invalid Request: Server already initialized"});
    }
    const auto session = std::make_shared<HttpSession>(world_);
    while (sessions_.size() >= most_sessions) forget(sessions_.at(order_.front()));
    sessions_[session->id()] = session;
    order_.push_back(session->id());
    const std::string version = text_param(object_in(message, "params"), "protocolVersion", "");
    auto answer = std::make_shared<HttpAnswer>(world_, reply, faulty, HttpHeaders{{"Mcp-Session-Id", session->id()}});
    session->post(std::move(message), version, std::move(answer));
}

void HttpServer::forget(const SessionPtr& session) {
    const SessionPtr kept = session;
    std::erase(order_, kept->id());
    sessions_.erase(kept->id());
}

void HttpServer::say_lost(const json::value& id, HttpReply& reply) const {
    const int status = world_.switches.lost_session_status;
    const Refusal refusal = status == 400   ? Refusal{-32000, "Bad Request: No valid session ID provided"}
                            : status == 401 ? Refusal{-32001, "Invalid session"}
                            : status == 503 ? Refusal{-32000, "Session expired"}
                                            : Refusal{-32001, "Session not found"};
    refuse_over_http(reply, status, id, refusal);
}

HttpServer::SessionPtr HttpServer::session_of(const HttpRequest& request, const json::value& id, HttpReply& reply) {
    const std::string* named = request.header(session_header);
    if (named == nullptr) {
        refuse_over_http(reply, 400, id, {-32000, "Bad Request: Mcp-Session-Id header is required"});
        return nullptr;
    }
    const std::string* version = request.header(version_header);
    if (version != nullptr && !is_legacy_version(*version)) {
        refuse_over_http(reply, 400, id, {-32000, "Bad Request: Unsupported protocol version: " + as_utf8(*version)});
        return nullptr;
    }
    const auto found = sessions_.find(*named);
    if (found == sessions_.end()) {
        say_lost(id, reply);
        return nullptr;
    }
    return found->second;
}

void HttpServer::post_to_session(const HttpRequest& request, json::object message, const HttpAnswerPtr& answer,
                                 const HttpReplyPtr& reply) {
    const json::value id = id_in(message);
    const bool asks = message.contains("method") && message.contains("id");
    SessionPtr session = session_of(request, id, *reply);
    if (!session) return;
    if (asks && faults_.loses_session()) {
        forget(session);
        session.reset();
        return say_lost(id, *reply);
    }
    if (asks) {
        const std::string* version = request.header(version_header);
        return session->post(std::move(message), version != nullptr ? *version : "2025-03-26", answer);
    }
    session->take(std::move(message));
    reply->send(202, {}, "");
}

void HttpServer::on_get(const HttpRequest& request, const HttpReplyPtr& reply, bool faulty) {
    if (!accepts(request, "text/event-stream") || request.header("accept") == nullptr) {
        return refuse_over_http(*reply, 406, nullptr, {-32000, "Not Acceptable: Client must accept text/event-stream"});
    }
    const SessionPtr session = session_of(request, nullptr, *reply);
    if (!session) return;
    auto answer = std::make_shared<HttpAnswer>(world_, reply, faulty);
    if (!session->get(std::move(answer), request.header("last-event-id"))) {
        refuse_over_http(*reply, 400, nullptr, {-32000, "Bad Request: there is no such event to resume from"});
    }
}

void HttpServer::on_delete(const HttpRequest& request, const HttpReplyPtr& reply) {
    const SessionPtr session = session_of(request, nullptr, *reply);
    if (!session) return;
    forget(session);
    reply->send(200, {}, "");
}

}  // namespace builtin
