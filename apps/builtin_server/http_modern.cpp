// The modern era over HTTP: each request is a conversation of its own.
#include "http_rules_plan.hpp"
#include "http_server.hpp"

namespace builtin {

namespace {

/// What is said about no request: nobody hears it here.
class Nowhere final : public Outlet {
public:
    void line(std::string_view) override {}
    void answer(std::string_view, int) override {}
};

/// One request's answer. Keeps the conversation until it is given, or until the client has gone: that cancels.
class ModernAnswer final : public Outlet {
public:
    ModernAnswer(World& world, HttpAnswerPtr answer) : world_(world), answer_(std::move(answer)) {}

    void runs(std::shared_ptr<Conversation> conversation) { conversation_ = std::move(conversation); }
    void line(std::string_view json) override {
        if (world_.switches.sse_answers != HttpSwitches::Sse::never) answer_->event("", json);
    }
    void answer(std::string_view json, int code) override {
        const int status = modern_status(code);
        if (world_.switches.sse_answers == HttpSwitches::Sse::always && status == 200) answer_->begin();
        answer_->last(status, "", json);
        end();
    }
    void interrupt(bool) override { answer_->drop(); }
    void end() {
        const auto conversation = std::exchange(conversation_, nullptr);
        if (conversation) conversation->close();
    }

private:
    World& world_;
    HttpAnswerPtr answer_;
    std::shared_ptr<Conversation> conversation_;
};

void check(const World& world, const HttpRequest& request, const json::object& message) {
    if (!message.contains("method")) throw Refusal{-32600, "only requests and notifications come by POST"};
    check_modern_headers(request, message);
    const auto& params = object_in(message, "params");
    if (text_param(message, "method") != "tools/call") return;
    const auto repeated = header_arguments(world.switches, text_param(params, "name", ""));
    check_header_arguments(request, object_in(params, "arguments"), repeated);
}

}  // namespace

void serve_modern(World& world, const HttpRequest& request, json::object message, const HttpReplyPtr& reply,
                  bool faulty) {
    const auto* id = message.if_contains("id");
    try {
        check(world, request, message);
    } catch (const Refusal& refusal) {
        return refuse_over_http(*reply, 400, id != nullptr ? *id : json::value(), refusal);
    }
    if (id == nullptr) return reply->send(202, {}, "");  // cancelled or progress: here the stream says it
    const auto answer = std::make_shared<HttpAnswer>(world, reply, faulty);
    const auto outlet = std::make_shared<ModernAnswer>(world, answer);
    const auto conversation = std::make_shared<Conversation>(world, std::make_shared<Nowhere>());
    outlet->runs(conversation);
    answer->on_gone([outlet] { outlet->end(); });
    conversation->on_message(std::move(message), outlet);
}

}  // namespace builtin
