// What the official server scenarios read and get, worded as they expect it (--conformance).
#include "catalogue.hpp"
#include "tool_bodies.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace builtin {

namespace {

constexpr std::string_view red_pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
constexpr std::string_view asking_prompt = "test_input_required_result_prompt";

void append(json::array& out, std::string_view more) {
    for (auto& each : json::parse(more).as_array()) out.push_back(std::move(each));
}

json::object from_user(json::object content) { return {{"role", "user"}, {"content", std::move(content)}}; }
json::object says(std::string_view text) { return from_user({{"type", "text"}, {"text", text}}); }

}  // namespace

void add_conformance_resources(json::array& out) {
    append(out, R"([
        {"uri": "test://static-text", "name": "static-text", "description": "A static text", "mimeType": "text/plain"},
        {"uri": "test://static-binary", "name": "static-binary", "description": "A static image",
         "mimeType": "image/png"},
        {"uri": "test://watched-resource", "name": "watched-resource", "description": "One to subscribe to",
         "mimeType": "text/plain"}
    ])");
}

void add_conformance_templates(json::array& out) {
    append(out, R"([{"uriTemplate": "test://template/{id}/data", "name": "template", "description": "Data by id",
                     "mimeType": "application/json"}])");
}

std::optional<json::object> conformance_resource(const std::string& uri) {
    constexpr std::string_view before = "test://template/";
    constexpr std::string_view after = "/data";
    if (uri == "test://static-text") {
        return json::object{
            {"uri", uri}, {"mimeType", "text/plain"}, {"text", "This is the content of the static text resource."}};
    }
    if (uri == "test://watched-resource") {
        return json::object{{"uri", uri}, {"mimeType", "text/plain"}, {"text", "Watched."}};
    }
    if (uri == "test://static-binary") {
        return json::object{{"uri", uri}, {"mimeType", "image/png"}, {"blob", red_pixel}};
    }
    if (!uri.starts_with(before) || !uri.ends_with(after) || uri.size() <= before.size() + after.size()) {
        return std::nullopt;
    }
    const std::string id = uri.substr(before.size(), uri.size() - before.size() - after.size());
    const json::object data{{"id", id}, {"templateTest", true}, {"data", "Data for ID: " + id}};
    return json::object{{"uri", uri}, {"mimeType", "application/json"}, {"text", json::serialize(data)}};
}

void add_conformance_prompts(json::array& out) {
    append(out, R"([
        {"name": "test_simple_prompt", "description": "A simple prompt"},
        {"name": "test_prompt_with_arguments", "description": "Takes two arguments", "arguments": [
            {"name": "arg1", "description": "First test argument", "required": true},
            {"name": "arg2", "description": "Second test argument", "required": true}]},
        {"name": "test_prompt_with_embedded_resource", "description": "Embeds a resource", "arguments": [
            {"name": "resourceUri", "description": "URI of the resource to embed", "required": true}]},
        {"name": "test_prompt_with_image", "description": "Has an image"},
        {"name": "test_input_required_result_prompt", "description": "Asks the user first"}
    ])");
}

std::optional<json::array> conformance_messages(const std::string& prompt, const json::object& arguments) {
    if (prompt == "test_simple_prompt") return json::array{says("This is a simple prompt for testing.")};
    if (prompt == "test_prompt_with_arguments") {
        return json::array{says("Prompt with arguments: arg1='" + text_param(arguments, "arg1") + "', arg2='" +
                                text_param(arguments, "arg2") + "'")};
    }
    if (prompt == "test_prompt_with_embedded_resource") {
        json::object resource{{"uri", text_param(arguments, "resourceUri")},
                              {"mimeType", "text/plain"},
                              {"text", "Embedded resource content for testing."}};
        return json::array{from_user({{"type", "resource"}, {"resource", std::move(resource)}}),
                           says("Please process the embedded resource above.")};
    }
    if (prompt == "test_prompt_with_image") {
        return json::array{from_user({{"type", "image"}, {"data", red_pixel}, {"mimeType", "image/png"}}),
                           says("Please analyze the image above.")};
    }
    return std::nullopt;
}

bool is_asking_prompt(const Switches& switches, const json::object& params) {
    return switches.conformance && text_param(params, "name", "") == asking_prompt;
}

void run_asking_prompt(const CallPtr& call) {
    Question context{"user_context", "elicitation/create",
                     json::parse(R"({"message": "What context should the prompt use?", "requestedSchema":
                         {"type": "object", "properties": {"context": {"type": "string"}}, "required": ["context"]}})")
                         .as_object()};
    call->conversation->ask(call, {std::move(context)}, [call](const json::object& answers) {
        const auto& said = object_in(object_in(answers, "user_context"), "result");
        const std::string context = text_param(object_in(said, "content"), "context", "none");
        finish(call, {{"messages", json::array{says("The context is: " + context)}}});
    });
}

}  // namespace builtin
