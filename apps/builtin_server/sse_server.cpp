#include "sse_server.hpp"

#include "http_rules_plan.hpp"
#include "json_text.hpp"
#include "seal.hpp"

namespace builtin {

namespace {

class EventOutlet final : public Outlet {
public:
    explicit EventOutlet(HttpReplyPtr reply) : reply_(std::move(reply)) {}
    void line(std::string_view json) override { reply_->chunk("event: message\ndata: " + std::string(json) + "\n\n"); }
    void answer(std::string_view json, int) override { line(json); }
    void interrupt(bool) override { reply_->drop(); }

private:
    HttpReplyPtr reply_;
};

void say(HttpReply& reply, int status, std::string_view text) {
    reply.send(status, {{"Content-Type", "text/plain"}}, text);
}

}  // namespace

void SseServer::serve(StreamPtr stream) {
    const auto handler = [this](const HttpRequest& request, const HttpReplyPtr& reply) { on_request(request, reply); };
    std::make_shared<HttpConnection>(std::move(stream), handler)->start();
}

void SseServer::on_request(const HttpRequest& request, const HttpReplyPtr& reply) {
    if (!comes_from_here(request)) return say(*reply, 403, "Host or Origin is not this machine\n");
    const bool stream = request.path == "/sse";
    if (!stream && request.path != "/message") return say(*reply, 404, "there are only /sse and /message here\n");
    if (request.method != (stream ? "GET" : "POST")) return say(*reply, 405, "not by this method\n");
    if (stream) return open(reply);
    on_post(request, reply);
}

void SseServer::open(const HttpReplyPtr& reply) {
    constexpr std::size_t most = 1000;
    if (sessions_.size() >= most) return say(*reply, 503, "too many sessions\n");
    const std::string id = random_text();
    reply->begin(200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}});
    reply->chunk("event: endpoint\ndata: /message?sessionId=" + id + "\n\n");
    reply->on_gone([this, id] { forget(id); });
    auto outlet = std::make_shared<EventOutlet>(reply);
    auto conversation = std::make_shared<Conversation>(world_, outlet);
    sessions_[id] = {std::move(outlet), std::move(conversation)};
}

void SseServer::on_post(const HttpRequest& request, const HttpReplyPtr& reply) {
    constexpr std::string_view key = "sessionId=";
    const std::string_view query(request.query);
    const auto found = sessions_.find(std::string(query.starts_with(key) ? query.substr(key.size()) : ""));
    if (found == sessions_.end()) return say(*reply, 404, "Could not find session\n");
    if (!is_json(request)) return say(*reply, 415, "Content-Type must be application/json\n");
    try {
        json::object message = message_in(request.body);
        const Session session = found->second;
        reply->send(202, {{"Content-Type", "text/plain"}}, "Accepted");
        if (!world_.replies.silent()) session.conversation->on_message(std::move(message), session.outlet);
    } catch (const Refusal& refusal) {
        say(*reply, 400, refusal.message + "\n");
    }
}

void SseServer::forget(const std::string& id) {
    const auto node = sessions_.extract(id);
    if (!node.empty()) node.mapped().conversation->close();
}

void SseServer::close() {
    while (!sessions_.empty()) forget(sessions_.begin()->first);
}

}  // namespace builtin
