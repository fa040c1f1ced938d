// The tools that turn back to the client: requests and notifications of the server's own.
#include "tool_bodies.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace builtin {

namespace {

struct Known {
    std::string_view what;
    std::string_view method;
    std::string_view params;
};

constexpr std::array known{
    Known{"roots", "roots/list", "{}"},
    Known{"ping", "ping", "{}"},
    Known{"sampling", "sampling/createMessage",
          R"({"messages": [{"role": "user", "content": {"type": "text", "text": "What is 2+2?"}}], "maxTokens": 100})"},
    Known{"sampling_with_tools", "sampling/createMessage",
          R"({"messages": [{"role": "user", "content": {"type": "text", "text": "What is 2+2? Use the tool."}}],
              "maxTokens": 100, "toolChoice": {"mode": "auto"},
              "tools": [{"name": "add", "description": "Adds", "inputSchema": {"type": "object",
                         "properties": {"a": {"type": "number"}, "b": {"type": "number"}}}}]})"},
    Known{"elicitation", "elicitation/create",
          R"({"message": "Your name?", "requestedSchema":
              {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}})"},
    Known{"elicitation_defaults", "elicitation/create",
          R"({"message": "Is this right?", "requestedSchema": {"type": "object", "properties": {
              "name": {"type": "string", "default": "Ada"}, "age": {"type": "integer", "default": 36},
              "score": {"type": "number", "default": 1.5}, "vip": {"type": "boolean", "default": true},
              "color": {"type": "string", "enum": ["red", "green"], "default": "green"}}}})"},
    Known{"elicitation_url", "elicitation/create",
          R"({"mode": "url", "message": "Please pay.", "url": "https://pay.example/order/7", "elicitationId": "e-7"})"},
};

Question question(std::string_view what) {
    const auto found = std::ranges::find(known, what, &Known::what);
    if (found == known.end()) throw Refusal{-32602, "`what` is none of those in the schema"};
    return {std::string(what), std::string(found->method), json::parse(found->params).as_object()};
}

void ask_round(const CallPtr& call, std::int64_t round, std::int64_t rounds, json::array said) {
    if (round > rounds) return finish(call, text_result(json::serialize(said)));
    Question next = question("elicitation");
    next.key = "round" + std::to_string(round);
    next.params["message"] = "Name number " + std::to_string(round) + "?";
    const std::string key = next.key;
    call->conversation->ask(call, {std::move(next)},
                            [call, round, rounds, said = std::move(said), key](const json::object& answers) mutable {
                                said.push_back(object_in(answers, key));
                                ask_round(call, round + 1, rounds, std::move(said));
                            });
}

}  // namespace

void ask(const CallPtr& call) {
    Question asked = question(text_param(call->arguments, "what"));
    if (call->modern && asked.method == "ping") throw Refusal{-32602, "the modern era has no ping"};
    if (call->modern) asked.params.erase("elicitationId");
    const std::string key = asked.key;
    call->conversation->ask(call, {std::move(asked)}, [call, key](const json::object& answers) {
        const auto& answer = object_in(answers, key);
        const auto* result = answer.if_contains("result");
        finish(call, text_result(json::serialize(result != nullptr ? *result : answer.at("error")), result == nullptr));
    });
}

void ask_all(const CallPtr& call) {
    const auto then = [call](const json::object& answers) { finish(call, text_result(json::serialize(answers))); };
    call->conversation->ask(call, {question("roots"), question("sampling"), question("elicitation")}, then, true);
}

void ask_rounds(const CallPtr& call) {
    constexpr std::int64_t most = 100;
    ask_round(call, 1, integer_param(call->arguments, "rounds", 2, most), {});
}

void change_tools(const CallPtr& call) {
    World& world = call->conversation->world();
    world.tools_changed = true;
    world.list_changed("tools");
    finish(call, text_result("the tools changed"));
}

void touch(const CallPtr& call) {
    call->conversation->world().resource_updated(text_param(call->arguments, "uri"));
    finish(call, text_result("touched"));
}

void end_listening(const CallPtr& call) {
    const auto* broken = call->arguments.if_contains("broken");
    call->conversation->world().end_listening(broken != nullptr && broken->is_bool() && broken->get_bool());
    finish(call, text_result("nobody listens any more"));
}

void log(const CallPtr& call) {
    const int level = log_level(text_param(call->arguments, "level", "info"));
    call->conversation->log(*call, level, text_param(call->arguments, "text"));
    finish(call, text_result("logged"));
}

}  // namespace builtin
