// What is asked of the client, in the manner of its era.
#include "conversation.hpp"
#include "json_text.hpp"
#include "seal.hpp"
#include "tasks.hpp"

#include <boost/json/serialize.hpp>

namespace builtin {

namespace {

std::string_view capability_for(std::string_view method) {
    return method == "elicitation/create"       ? "elicitation"
           : method == "sampling/createMessage" ? "sampling"
           : method == "roots/list"             ? "roots"
                                                : "";
}

/// Whether `answer` can be one to `method`: what is none is asked for again.
bool fits(std::string_view method, const json::object& answer) {
    const auto is = [&](const char* key, auto kind) {
        const auto* value = answer.if_contains(key);
        return value != nullptr && kind(*value);
    };
    if (method == "elicitation/create") return is("action", [](const auto& v) { return v.is_string(); });
    if (method == "roots/list") return is("roots", [](const auto& v) { return v.is_array(); });
    return is("role", [](const auto& v) { return v.is_string(); }) && answer.contains("content");
}

/// What the state stands for: the tool, so that no other takes it, and what was answered to it.
std::string state_of(const World& world, const ToolCall& call, const json::object& answers) {
    return sealed(world.secret, json::serialize(json::object{{"for", call.name}, {"answers", answers}}));
}

}  // namespace

void Conversation::take_answers(ToolCall& call, const json::object& params) const {
    if (params.contains("requestState")) {
        const auto text = unsealed(world_.secret, text_param(params, "requestState"));
        const json::object state = text ? message_in(*text) : json::object();
        if (!text || text_param(state, "for") != call.name) {
            throw Refusal{-32602, "`requestState` is not as this server gave it"};
        }
        call.answers = object_in(state, "answers");
    }
    if (const auto* given = params.if_contains("inputResponses")) {
        if (!given->is_object()) throw Refusal{-32602, "`inputResponses` must be an object"};
        for (const auto& [key, answer] : given->get_object()) call.answers[key] = answer;
    }
}

void Conversation::require_capability(const ToolCall& call, const Question& question) const {
    const std::string_view needed = capability_for(question.method);
    const bool by_url = needed == "elicitation" && text_param(question.params, "mode", "form") == "url";
    const bool with_tools = needed == "sampling" && question.params.contains("tools");
    const std::string_view part = by_url ? "url" : with_tools ? "tools" : "";
    const auto* has = needed.empty() ? nullptr : call.client_capabilities.if_contains(needed);
    const bool whole = has != nullptr && has->is_object();
    if (needed.empty() || (whole && (part.empty() || has->get_object().contains(part)))) return;
    json::object inner;
    if (!part.empty()) inner[part] = json::object();
    throw Refusal{-32021,
                  "the client does not offer " + std::string(needed),
                  {{"requiredCapabilities", json::object{{needed, std::move(inner)}}}}};
}

void Conversation::ask(const CallPtr& call, std::vector<Question> questions, Answers then, bool stateful) {
    if (call->task && call->modern) {
        for (const auto& question : questions) require_capability(*call, question);
        return world_.tasks.wait_for_input(*call->task, questions, std::move(then));
    }
    if (call->modern) return ask_by_result(call, questions, then, stateful);
    struct Gathered {
        json::object answers;
        std::size_t missing;
    };
    auto gathered = std::make_shared<Gathered>(json::object(), questions.size());
    for (const Question& question : questions) {
        ask_one(*call->to, question, [call, gathered, key = question.key, then](const json::object& answer) {
            gathered->answers[key] = answer;
            if (--gathered->missing == 0 && !call->cancelled) then(gathered->answers);
        });
    }
}

void Conversation::ask_one(Outlet& to, const Question& question, std::function<void(const json::object&)> then) {
    const std::string id = "server-" + std::to_string(next_ask_++);
    asked_[id] = std::move(then);
    world_.replies.ask(to, json::string(id), question.method, question.params);
}

void Conversation::ask_by_result(const CallPtr& call, const std::vector<Question>& questions, const Answers& then,
                                 bool stateful) {
    json::object open;
    json::object answers;
    json::object kept;
    for (const Question& question : questions) {
        const auto* answer = call->answers.if_contains(question.key);
        if (answer != nullptr && answer->is_object() && fits(question.method, answer->get_object())) {
            answers[question.key] = json::object{{"result", *answer}};
        } else {
            require_capability(*call, question);
            call->answers.erase(question.key);
            open[question.key] = json::object{{"method", question.method}, {"params", question.params}};
        }
    }
    if (open.empty()) return then(answers);
    json::object result{{"resultType", "input_required"}, {"inputRequests", std::move(open)}};
    if (stateful || !call->answers.empty()) result["requestState"] = state_of(world_, *call, call->answers);
    finish(call, std::move(result));
}

}  // namespace builtin
