// The tools that take their time as tasks may, and those that show one feature of tools each.
#include "tool_bodies.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace builtin {

namespace {

bool flag(const CallPtr& call, std::string_view key) {
    const auto* value = call->arguments.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

void work(const CallPtr& call, const std::string& said) {
    const auto wait = std::chrono::milliseconds(integer_param(call->arguments, "ms", 100, 1'000'000'000));
    call->conversation->timers().after(
        wait, [call, said] { finish(call, text_result("the job is done" + said, flag(call, "fail"))); });
}

}  // namespace

void job(const CallPtr& call) {
    if (!flag(call, "ask")) return work(call, "");
    Question sure{"sure", "elicitation/create",
                  json::parse(R"({"message": "Go on?", "requestedSchema": {"type": "object", "properties":
                                  {"go_on": {"type": "boolean"}}}})")
                      .as_object()};
    call->conversation->ask(call, {std::move(sure)}, [call](const json::object& answers) {
        work(call, ", told " + json::serialize(object_in(answers, "sure")));
    });
}

void region(const CallPtr& call) {
    (void)text_param(call->arguments, "region");
    finish(call, text_result(json::serialize(call->arguments)));
}

void structured(const CallPtr& call) {
    const bool wrong = flag(call, "wrong") || call->conversation->switches().wrong_structure;
    json::object result = text_result("21.5 degrees in Oslo");
    result["structuredContent"] = wrong ? json::object{{"city", 7}} : json::object{{"city", "Oslo"}, {"degrees", 21.5}};
    finish(call, std::move(result));
}

}  // namespace builtin
