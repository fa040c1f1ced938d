#include "http_server.hpp"

#include "http_rules_plan.hpp"
#include "json_text.hpp"

namespace builtin {

namespace {

constexpr std::string_view path = "/mcp";
constexpr std::string_view json_type = "application/json";
constexpr std::string_view event_type = "text/event-stream";

void refuse(HttpReply& reply, int status, const char* why, HttpHeaders extra = {}) {
    refuse_over_http(reply, status, nullptr, {-32000, why}, std::move(extra));
}

/// The kind that the faults count: the message's method, or `response`.
std::string kind_of(const json::object& message) {
    const auto* method = message.if_contains("method");
    return method != nullptr && method->is_string() ? std::string(method->get_string()) : "response";
}

}  // namespace

void HttpServer::serve(StreamPtr stream) {
    const auto handler = [this](const HttpRequest& request, const HttpReplyPtr& reply) { on_request(request, reply); };
    std::make_shared<HttpConnection>(std::move(stream), handler)->start();
}

void HttpServer::on_request(const HttpRequest& request, const HttpReplyPtr& reply) {
    if (!comes_from_here(request)) return refuse(*reply, 403, "Forbidden: Host or Origin is not this machine");
    if (request.path != path) return refuse(*reply, 404, "there is only /mcp here");
    if (request.method == "POST") return on_post(request, reply);
    const bool known = request.method == "GET" || request.method == "DELETE";
    if (!known || world_.switches.era == Era::modern) {
        return refuse(*reply, 405, "Method Not Allowed", {{"Allow", known ? "POST" : "GET, POST, DELETE"}});
    }
    const bool hit = faults_.hits(request.method);
    const HttpRefusal refusal = faults_.refusal(hit);
    if (refusal.status != 0) return refuse_by_fault(*reply, refusal);
    return request.method == "GET" ? on_get(request, reply, hit) : on_delete(request, reply);
}

void HttpServer::on_post(const HttpRequest& request, const HttpReplyPtr& reply) {
    if (!accepts(request, json_type) || !accepts(request, event_type)) {
        return refuse(*reply, 406, "Not Acceptable: Client must accept both application/json and text/event-stream");
    }
    if (!is_json(request)) return refuse(*reply, 415, "Unsupported Media Type: Content-Type must be application/json");
    try {
        json::object message = message_in(request.body);
        if (world_.replies.silent()) return;  // it hangs
        route(request, std::move(message), reply);
    } catch (const Refusal& refusal) {
        refuse_over_http(*reply, 400, nullptr, refusal);
    }
}

void HttpServer::route(const HttpRequest& request, json::object message, const HttpReplyPtr& reply) {
    const std::string kind = kind_of(message);
    const bool hit = faults_.hits(kind);
    const HttpRefusal refusal = faults_.refusal(hit);
    if (refusal.status != 0) return refuse_by_fault(*reply, refusal);
    const auto go = [this, request, reply, kind, hit](json::object asked) {
        const bool modern =
            world_.switches.era != Era::legacy && (world_.switches.era == Era::modern || is_modern(request, asked));
        if (modern) return serve_modern(world_, request, std::move(asked), reply, hit);
        if (kind == "initialize" && asked.contains("id")) return begin_session(request, std::move(asked), reply, hit);
        post_to_session(request, std::move(asked), std::make_shared<HttpAnswer>(world_, reply, hit), reply);
    };
    const int wait = hit ? world_.switches.slow_first_byte_ms : 0;
    if (wait == 0) return go(std::move(message));
    world_.timers.after(std::chrono::milliseconds(wait), [go, message = std::move(message)] { go(message); });
}

void HttpServer::close() {
    sessions_.clear();
    order_.clear();
}

}  // namespace builtin
