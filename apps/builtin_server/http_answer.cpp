#include "http_answer.hpp"

#include <boost/json/serialize.hpp>

namespace builtin {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view event_type = "text/event-stream";

}  // namespace

HttpHeaders HttpAnswer::headers(std::string_view type) const {
    HttpHeaders out = extra_;
    out.emplace_back("Content-Type", type);
    if (type == event_type) out.emplace_back("Cache-Control", "no-cache");
    return out;
}

void HttpAnswer::begin() {
    if (streaming()) return;
    reply_->begin(200, headers(faulty_ && world_.switches.wrong_content_type ? "text/html" : event_type));
    if (world_.switches.sse_retry_ms >= 0) {
        reply_->chunk("retry: " + std::to_string(world_.switches.sse_retry_ms) + "\n\n");
    }
}

void HttpAnswer::event(std::string_view id, std::string_view data) {
    begin();
    std::string frame = "event: message\n";
    if (!id.empty()) frame.append("id: ").append(id).append("\n");
    frame.append("data: ").append(data).append("\n\n");
    reply_->chunk(frame);
    if (faulty_ && world_.switches.duplicate_events) reply_->chunk(frame);
}

void HttpAnswer::prime(std::string_view id) {
    begin();
    reply_->chunk("id: " + std::string(id) + "\ndata: \n\n");
}

void HttpAnswer::last(int status, std::string_view id, std::string_view json) {
    if (faulty_ && spoil(json)) return;
    if (streaming()) {
        event(id, json);
        return end();
    }
    reply_->send(status, headers(json_type), json);
}

/// What comes in place of the answer; false when the answer comes all the same.
bool HttpAnswer::spoil(std::string_view json) {
    const Switches& told = world_.switches;
    if (told.status_after_executing != 0) {
        reply_->send(told.status_after_executing, {{"Content-Type", "text/plain"}}, "it went wrong after all\n");
    } else if (told.empty_200) {
        reply_->send(200, headers(json_type), "");
    } else if (told.wrong_content_type && !streaming()) {
        reply_->send(200, headers("text/html"), json);
    } else if (told.drop_before_id || told.drop_after_id) {
        begin();
        drop();
    } else if (told.no_answer) {
        begin();
        end();
    } else if (told.garbage_chunk) {
        begin();
        reply_->raw("zz\r\nthis is no chunk\r\n");
        drop();
    } else if (told.half_answer) {
        reply_->promise(200, headers(json_type), json.size());
        reply_->raw(json.substr(0, json.size() / 2));
        drop();
    } else if (told.endless_comments) {
        begin();
        chatter();
    } else {
        if (told.duplicate_events) begin();
        if (told.huge_event > 0) {
            const json::object params{{"level", "info"},
                                      {"data", std::string(static_cast<std::size_t>(told.huge_event), 'x')}};
            event("", json::serialize(
                          json::object{{"jsonrpc", "2.0"}, {"method", "notifications/message"}, {"params", params}}));
        }
        return false;
    }
    return true;
}

void HttpAnswer::chatter() {
    if (!open()) return;
    reply_->chunk(": still here\n");
    world_.timers.after(std::chrono::milliseconds(5), [self = shared_from_this()] { self->chatter(); });
}

void refuse_over_http(HttpReply& reply, int status, const json::value& id, const Refusal& refusal, HttpHeaders extra) {
    json::object error{{"code", refusal.code}, {"message", refusal.message}};
    if (!refusal.data.empty()) error["data"] = refusal.data;
    extra.emplace_back("Content-Type", json_type);
    reply.send(status, std::move(extra),
               json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}}));
}

void refuse_by_fault(HttpReply& reply, const HttpRefusal& refusal) {
    HttpHeaders headers{{"Content-Type", "text/plain"}};
    if (refusal.status == 401) headers.emplace_back("WWW-Authenticate", "Bearer");
    if (!refusal.retry_after.empty()) headers.emplace_back("Retry-After", refusal.retry_after);
    reply.send(refusal.status, std::move(headers), reason_phrase(refusal.status));
}

}  // namespace builtin
