// What the official server scenarios call, named and worded as they expect it (--conformance).
#include "tool_bodies.hpp"
#include "tool_table.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>

namespace builtin {

namespace {

constexpr std::string_view red_pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
constexpr std::string_view short_wav = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";
constexpr std::chrono::milliseconds moment(50);

Question elicitation(std::string key, std::string_view message, std::string_view properties,
                     std::string_view required) {
    return {std::move(key),
            "elicitation/create",
            {{"message", message},
             {"requestedSchema", json::object{{"type", "object"},
                                              {"properties", json::parse(properties)},
                                              {"required", json::parse(required)}}}}};
}

Question name_question(std::string key = "user_name") {
    return elicitation(std::move(key), "What is your name?", R"({"name":{"type":"string"}})", R"(["name"])");
}

Question sampling(std::string key, std::string_view text, int tokens) {
    json::object content{{"type", "text"}, {"text", text}};
    json::object message{{"role", "user"}, {"content", std::move(content)}};
    return {std::move(key),
            "sampling/createMessage",
            {{"messages", json::array{std::move(message)}}, {"maxTokens", tokens}}};
}

Question roots_question() { return {"client_roots", "roots/list", {}}; }

const json::object& result_in(const json::object& answers, std::string_view key) {
    return object_in(object_in(answers, key), "result");
}

std::string name_in(const json::object& answers, std::string_view key = "user_name") {
    return text_param(object_in(result_in(answers, key), "content"), "name", "nobody");
}

/// Asks, and answers with `text` and all that was said.
void ask_then_say(const CallPtr& call, std::vector<Question> questions, std::string_view text, bool stateful = false) {
    call->conversation->ask(
        call, std::move(questions),
        [call, text](const json::object& answers) {
            finish(call, text_result(std::string(text) + json::serialize(answers)));
        },
        stateful);
}

// Plain contents.
void simple_text(const CallPtr& call) { finish(call, text_result("This is a simple text response for testing.")); }

void content(const CallPtr& call, json::array blocks) { finish(call, {{"content", std::move(blocks)}}); }

json::object image() { return {{"type", "image"}, {"data", red_pixel}, {"mimeType", "image/png"}}; }

json::object resource(std::string_view uri, std::string_view type, std::string_view text) {
    return {{"type", "resource"}, {"resource", json::object{{"uri", uri}, {"mimeType", type}, {"text", text}}}};
}

void image_content(const CallPtr& call) { content(call, {image()}); }
void audio_content(const CallPtr& call) {
    content(call, {json::object{{"type", "audio"}, {"data", short_wav}, {"mimeType", "audio/wav"}}});
}
void embedded_resource(const CallPtr& call) {
    content(call, {resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")});
}
void mixed_content(const CallPtr& call) {
    content(call, {json::object{{"type", "text"}, {"text", "Multiple content types test:"}}, image(),
                   resource("test://mixed-content-resource", "application/json", R"({"test":"data","value":123})")});
}
void error_handling(const CallPtr& call) {
    finish(call, text_result("This tool intentionally returns an error for testing", true));
}

// What is said meanwhile.
void with_logging(const CallPtr& call) {
    constexpr int info = 1;
    call->conversation->log(*call, info, "Tool execution started");
    call->conversation->timers().after(moment,
                                       [call] { call->conversation->log(*call, info, "Tool processing data"); });
    call->conversation->timers().after(2 * moment, [call] {
        call->conversation->log(*call, info, "Tool execution completed");
        finish(call, text_result("Tool with logging executed successfully"));
    });
}

void with_progress(const CallPtr& call) {
    call->conversation->send_progress(*call, 0, 100, false);
    call->conversation->timers().after(moment, [call] { call->conversation->send_progress(*call, 50, 100, false); });
    call->conversation->timers().after(2 * moment, [call] {
        call->conversation->send_progress(*call, 100, 100, false);
        finish(call, text_result("Tool with progress executed successfully"));
    });
}

void reconnection(const CallPtr& call) {
    call->to->interrupt(true);
    call->conversation->timers().after(2 * moment,
                                       [call] { finish(call, text_result("Reconnection test completed")); });
}

void trigger_tool_change(const CallPtr& call) { change_tools(call); }

void trigger_prompt_change(const CallPtr& call) {
    World& world = call->conversation->world();
    world.prompts_changed = true;
    world.list_changed("prompts");
    finish(call, text_result("the prompts changed"));
}

// What is asked.
void ask_sampling(const CallPtr& call) {
    Question asked = sampling("sampling", text_param(call->arguments, "prompt"), 100);
    call->conversation->require_capability(*call, asked);
    call->conversation->ask(call, {std::move(asked)}, [call](const json::object& answers) {
        const auto& said = object_in(result_in(answers, "sampling"), "content");
        finish(call, text_result("LLM response: " + text_param(said, "text", "none")));
    });
}

void ask_user(const CallPtr& call, Question asked, std::string_view text) {
    call->conversation->require_capability(*call, asked);
    const std::string key = asked.key;
    call->conversation->ask(call, {std::move(asked)}, [call, key, text](const json::object& answers) {
        const auto& said = result_in(answers, key);
        finish(call, text_result(std::string(text) + "action=" + text_param(said, "action", "none") +
                                 ", content=" + json::serialize(object_in(said, "content"))));
    });
}

void ask_elicitation(const CallPtr& call) {
    ask_user(call,
             elicitation("user", text_param(call->arguments, "message"),
                         R"({"username":{"type":"string","description":"User's response"},
                             "email":{"type":"string","description":"User's email address"}})",
                         R"(["username","email"])"),
             "User response: ");
}

void ask_defaults(const CallPtr& call) {
    ask_user(call,
             elicitation("user", "Please review and update the form fields with defaults",
                         R"({"name":{"type":"string","default":"John Doe"},
                             "age":{"type":"integer","default":30},
                             "score":{"type":"number","default":95.5},
                             "status":{"type":"string","enum":["active","inactive","pending"],"default":"active"},
                             "verified":{"type":"boolean","default":true}})",
                         "[]"),
             "Elicitation completed: ");
}

void ask_enums(const CallPtr& call) {
    ask_user(call,
             elicitation("user", "Please select options from the enum fields",
                         R"({"untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
                             "titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},
                                 {"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
                             "legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],
                                 "enumNames":["Option One","Option Two","Option Three"]},
                             "untitledMulti":{"type":"array",
                                 "items":{"type":"string","enum":["option1","option2","option3"]}},
                             "titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},
                                 {"const":"value2","title":"Second Choice"},
                                 {"const":"value3","title":"Third Choice"}]}}})",
                         "[]"),
             "Elicitation completed: ");
}

void streaming_elicitation(const CallPtr& call) { ask_then_say(call, {name_question()}, ""); }

void missing_capability(const CallPtr& call) {
    call->conversation->require_capability(*call, sampling("sampling", "", 1));
    finish(call, text_result("the client can sample"));
}

void input_elicitation(const CallPtr& call) {
    call->conversation->ask(call, {name_question()}, [call](const json::object& answers) {
        finish(call, text_result("Hello, " + name_in(answers) + "!"));
    });
}
void input_sampling(const CallPtr& call) {
    ask_then_say(call, {sampling("capital_question", "What is the capital of France?", 100)}, "");
}
void input_roots(const CallPtr& call) { ask_then_say(call, {roots_question()}, ""); }

Question confirmation() {
    return elicitation("confirm", "Please confirm", R"({"ok":{"type":"boolean"}})", R"(["ok"])");
}
void input_state(const CallPtr& call) { ask_then_say(call, {confirmation()}, "state-ok ", true); }

void input_multiple(const CallPtr& call) {
    ask_then_say(call, {name_question(), sampling("greeting", "Generate a greeting", 50), roots_question()}, "", true);
}

void input_rounds(const CallPtr& call) {
    Question first = name_question("step1");
    first.params["message"] = "Step 1: What is your name?";
    const auto second = [call](const json::object&) {
        ask_then_say(call,
                     {elicitation("step2", "Step 2: What is your favorite color?", R"({"color":{"type":"string"}})",
                                  R"(["color"])")},
                     "", true);
    };
    call->conversation->ask(call, {std::move(first)}, second, true);
}

void input_capabilities(const CallPtr& call) {
    std::vector<Question> offered;
    if (call->client_capabilities.contains("elicitation")) offered.push_back(name_question());
    if (call->client_capabilities.contains("sampling"))
        offered.push_back(sampling("greeting", "Generate a greeting", 50));
    ask_then_say(call, std::move(offered), "");
}

// Tasks.
void greet(const CallPtr& call) { finish(call, text_result("Hello, " + text_param(call->arguments, "name") + "!")); }

void slow_compute(const CallPtr& call) {
    constexpr int longest = 100'000;
    const auto wait = std::chrono::seconds(integer_param(call->arguments, "seconds", 1, longest));
    call->conversation->timers().after(wait, [call] { finish(call, text_result("computed")); });
}

void failing_job(const CallPtr& call) {
    call->conversation->timers().after(std::chrono::seconds(1),
                                       [call] { finish(call, text_result("the job failed", true)); });
}

void protocol_error_job(const CallPtr& call) {
    call->conversation->timers().after(
        2 * moment, [call] { call->conversation->fail(call, {-32603, "the job broke the protocol"}); });
}

void confirm_delete(const CallPtr& call) {
    ask_then_say(call, {elicitation("confirm", "Delete it?", R"({"confirm":{"type":"boolean"}})", R"(["confirm"])")},
                 "");
}

void multi_input(const CallPtr& call) { ask_then_say(call, {name_question("first"), name_question("second")}, ""); }

void with_task(const CallPtr& call) {
    call->conversation->ask(call, {name_question()}, [call](const json::object& answers) {
        call->conversation->become_task(call);
        finish(call, text_result("Hello, " + name_in(answers) + "!"));
    });
}

constexpr std::string_view schema_2020_12 = R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object",
        "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"}, "email": {"type": "string"}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]}, "else": {"required": ["email"]}, "additionalProperties": false})";

constexpr Tool row(std::string_view name, std::string_view what, void (*run)(const CallPtr&),
                   TaskSupport tasks = TaskSupport::forbidden, std::string_view properties = "{}",
                   std::string_view required = "[]", bool asks_first = false) {
    return {name, name, what, properties, required, false, run, {}, tasks, asks_first};
}

constexpr auto no = TaskSupport::forbidden;
constexpr auto may = TaskSupport::optional;
constexpr auto must = TaskSupport::required;

constexpr std::array table{
    row("test_simple_text", "A text", simple_text),
    row("test_image_content", "An image", image_content),
    row("test_audio_content", "A sound", audio_content),
    row("test_embedded_resource", "An embedded resource", embedded_resource),
    row("test_multiple_content_types", "Text, image and resource", mixed_content),
    row("test_error_handling", "Fails", error_handling),
    row("test_tool_with_logging", "Logs three times", with_logging),
    row("test_logging_tool", "Logs three times", with_logging),
    row("test_tool_with_progress", "Reports progress three times", with_progress),
    row("test_reconnection", "Drops the stream before it answers", reconnection),
    row("test_trigger_tool_change", "Changes the tools", trigger_tool_change),
    row("test_trigger_prompt_change", "Changes the prompts", trigger_prompt_change),
    row("test_sampling", "Asks the model", ask_sampling, no, R"({"prompt":{"type":"string"}})", R"(["prompt"])"),
    row("test_elicitation", "Asks the user", ask_elicitation, no, R"({"message":{"type":"string"}})", R"(["message"])"),
    row("test_elicitation_sep1034_defaults", "Asks with defaults", ask_defaults),
    row("test_elicitation_sep1330_enums", "Asks with choices", ask_enums),
    row("test_streaming_elicitation", "Asks the user", streaming_elicitation),
    row("test_missing_capability", "Needs sampling", missing_capability),
    row("test_input_required_result_elicitation", "Asks the user", input_elicitation),
    row("test_input_required_result_sampling", "Asks the model", input_sampling),
    row("test_input_required_result_list_roots", "Asks for the roots", input_roots),
    row("test_input_required_result_request_state", "Asks, with a state", input_state),
    row("test_input_required_result_tampered_state", "Asks, with a state", input_state),
    row("test_input_required_result_multiple_inputs", "Asks three things at once", input_multiple),
    row("test_input_required_result_multi_round", "Asks twice", input_rounds),
    row("test_input_required_result_capabilities", "Asks what the client can answer", input_capabilities),
    row("json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features", simple_text, no, schema_2020_12),
    row("greet", "Greets", greet, no, R"({"name":{"type":"string"}})", R"(["name"])"),
    row("slow_compute", "Takes seconds", slow_compute, may,
        R"({"seconds":{"type":"integer"},"label":{"type":"string"}})"),
    row("failing_job", "Fails after a second", failing_job, must),
    row("protocol_error_job", "Ends in a protocol error", protocol_error_job, may),
    row("confirm_delete", "Asks before it deletes", confirm_delete, may, R"({"filename":{"type":"string"}})"),
    row("multi_input", "Asks two things", multi_input, may),
    row("test_tool_with_task", "Asks, then works", with_task, must, "{}", "[]", true),
};

}  // namespace

std::span<const Tool> conformance_tools() { return table; }

}  // namespace builtin
