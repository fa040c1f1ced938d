// The tools that turn back to the client: requests and notifications of the server's own.
#include "server.hpp"
#include "tool_bodies.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace builtin {

namespace {

struct Question {
    std::string_view what;
    std::string_view method;
    std::string_view params;
};

constexpr std::array questions{
    Question{"roots", "roots/list", "{}"},
    Question{"ping", "ping", "{}"},
    Question{
        "sampling", "sampling/createMessage",
        R"({"messages": [{"role": "user", "content": {"type": "text", "text": "What is 2+2?"}}], "maxTokens": 100})"},
    Question{"elicitation", "elicitation/create",
             R"({"message": "Your name?", "requestedSchema":
                 {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}})"},
};

}  // namespace

void ask(Server& server, const CallPtr& call) {
    const std::string what = text_param(call->arguments, "what");
    const auto found = std::ranges::find(questions, what, &Question::what);
    if (found == questions.end()) throw Refusal{-32602, "`what` is roots, sampling, elicitation or ping"};
    if (call->modern) throw Refusal{-32602, "a modern server asks nothing"};
    server.ask(found->method, json::parse(found->params).as_object(), [&server, call](const json::object& answer) {
        const auto* result = answer.if_contains("result");
        server.finish(
            call, text_result(json::serialize(result != nullptr ? *result : answer.at("error")), result == nullptr));
    });
}

void change_tools(Server& server, const CallPtr& call) {
    server.change_tools(*call);
    server.finish(call, text_result("the tools changed"));
}

void log(Server& server, const CallPtr& call) {
    const int level = log_level(text_param(call->arguments, "level", "info"));
    server.log(*call, level, text_param(call->arguments, "text"));
    server.finish(call, text_result("logged"));
}

}  // namespace builtin
