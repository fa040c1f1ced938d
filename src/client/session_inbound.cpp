// What the server says unasked: its requests and its notifications.
#include "client/call_wait.hpp"
#include "client/server_questions.hpp"
#include "client/session.hpp"
#include "haive/mcp/protocol/error_codes.hpp"
#include "jsonrpc/message_codec.hpp"

#include <boost/json/value.hpp>

#include <atomic>

namespace haive::mcp {

namespace {
constexpr std::size_t max_server_requests = 64;
}  // namespace

/// Answers one server request, once, from any thread, unless the server or the session gave up first.
class ClientSession::Responder final : public ServerRequestReply, public std::enable_shared_from_this<Responder> {
public:
    Responder(std::shared_ptr<ClientSession> session, std::string_view raw_id)
        : loop_(session->loop_), session_(session), raw_id_(raw_id), runtime_(session->context_->shared_runtime()) {}

    /// A handler that forgot its reply would leave the server waiting for ever.
    ~Responder() override {
        if (answered_.exchange(true)) return;
        std::string frame = encode_error(raw_id_, rpc_code::internal_error, "the client's handler did not answer");
        loop_.dispatch(
            [session = std::move(session_), id = raw_id_, frame = std::move(frame), keep = runtime_]() mutable {
                if (auto open = session.lock()) deliver(*open, id, std::move(frame));
            });
    }

    void answer(RawJson result) override { send(encode_result(raw_id_, result.text())); }
    void refuse(int code, std::string message) override { send(encode_error(raw_id_, code, message)); }
    void withdraw() noexcept { session_.reset(); }

private:
    void send(std::string frame) {
        if (answered_.exchange(true)) return;  // one answer only
        loop_.dispatch([self = shared_from_this(), frame = std::move(frame)]() mutable {
            if (auto session = self->session_.lock()) deliver(*session, self->raw_id_, std::move(frame));
        });
    }
    static void deliver(ClientSession& session, const std::string& raw_id, std::string frame) {
        if (session.lost_ || session.closing_) return;
        session.server_requests_.erase(raw_id);
        Outbound out;
        out.frame = std::move(frame);
        out.protocol_version = session.dialect_.version();
        session.channel_->send(std::move(out));
    }

    Loop& loop_;
    std::weak_ptr<ClientSession> session_;  // touched on the loop's thread only
    const std::string raw_id_;
    std::shared_ptr<Runtime> runtime_;
    std::atomic<bool> answered_{false};
};

void ClientSession::on_message(const MessageView& message) {
    if (message.kind == MessageKind::request) {
        on_request(message);
    } else {
        on_notification(message);
    }
}

void ClientSession::on_request(const MessageView& message) {
    if (dialect_.era() == Era::modern) {
        // The modern era has no server requests, and a client must not write responses.
        on_channel_note("server_request", message.method.substr(0, 100));
        return;
    }
    if (message.method == "ping") return respond(encode_result(message.id.raw, "{}"));
    const std::string_view method = message.method.substr(0, 100);
    ServerRequestEvent asked;
    asked.method = method;
    asked.generation = generation_;
    Event event;
    event.what = asked;
    context_->emit(std::move(event));
    if (server_requests_.size() >= max_server_requests) {
        return respond(encode_error(message.id.raw, rpc_code::internal_error, "too many requests to this client"));
    }
    auto responder = std::make_shared<Responder>(shared_from_this(), message.id.raw);
    server_requests_.insert_or_assign(std::string(message.id.raw), responder);
    RawJson params(message.payload.empty() ? std::string("{}") : std::string(message.payload));
    ask_program(context_, message.method, std::move(params), std::move(responder));
}

void ClientSession::respond(std::string frame) {
    Outbound out;
    out.frame = std::move(frame);
    out.protocol_version = dialect_.version();
    channel_->send(std::move(out));
}

void ClientSession::on_notification(const MessageView& message) {
    const std::string_view method = message.method;
    if (method == "notifications/progress") {
        on_progress(message.payload);
    } else if (method == "notifications/elicitation/complete") {
        if (!is_expected_elicitation(message.payload)) return;  // unknown or told already: to be ignored
    } else if (method == "notifications/tools/list_changed") {
        on_catalogue_change("tools");
    } else if (method == "notifications/prompts/list_changed") {
        on_catalogue_change("prompts");
    } else if (method == "notifications/resources/list_changed" || method == "notifications/resources/updated") {
        on_catalogue_change("resources");
    } else if (method == "notifications/subscriptions/acknowledged") {
        on_acknowledged(message.payload);
        return;  // between the two ends of the connection
    } else if (method == "notifications/cancelled") {
        if (auto params = parse_json(message.payload); params && params->is_object()) {
            if (const auto* id = params->as_object().if_contains("requestId")) {
                std::string raw_id;
                if (id->is_string()) append_json_string(raw_id, std::string_view(id->as_string()));
                if (id->is_int64()) raw_id = std::to_string(id->as_int64());
                if (auto it = server_requests_.find(raw_id); it != server_requests_.end()) {
                    if (auto responder = it->second.lock()) responder->withdraw();
                    server_requests_.erase(it);
                }
            }
        }
    }
    context_->notify(method, message.payload);
}

bool ClientSession::is_expected_elicitation(std::string_view params) {
    auto value = parse_json(params);
    const json::object* object = value ? value->if_object() : nullptr;
    const auto* id = object != nullptr ? object->if_contains("elicitationId") : nullptr;
    return id != nullptr && id->is_string() && context_->take_elicitation(id->as_string());
}

void ClientSession::on_progress(std::string_view params) {
    auto value = parse_json(params);
    const json::object* object = value ? value->if_object() : nullptr;
    if (object == nullptr) return;
    const auto* token = object->if_contains("progressToken");
    const auto* done = object->if_contains("progress");
    if (token == nullptr || done == nullptr || !done->is_number()) return;
    std::uint64_t id = 0;
    if (token->is_int64() && token->as_int64() > 0) id = static_cast<std::uint64_t>(token->as_int64());
    // Every exchange on this channel is one of ours.
    auto* call = static_cast<CallWait*>(channel_->find(id));
    if (call == nullptr) return;  // an unknown or finished token is harmless
    Progress progress;
    progress.progress = done->to_number<double>();
    if (const auto* total = object->if_contains("total"); total != nullptr && total->is_number()) {
        progress.total = total->to_number<double>();
    }
    if (const auto* text = object->if_contains("message"); text != nullptr && text->is_string()) {
        progress.message.assign(text->as_string().data(), std::min<std::size_t>(text->as_string().size(), 4096));
    }
    call->on_progress(progress);
}

void ClientSession::on_catalogue_change(std::string_view what) {
    context_->catalogue().invalidate(what);
    if (what == "tools") context_->tools().distrust();  // until the next list
    CatalogueEvent change;
    change.what = what;
    change.generation = generation_;
    Event event;
    event.what = change;
    context_->emit(std::move(event));
}

}  // namespace haive::mcp
