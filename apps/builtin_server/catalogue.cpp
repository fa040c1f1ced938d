// What is listed and read: resources, prompts, completions, and the pages that lists come in.
#include "catalogue.hpp"

#include <algorithm>
#include <charconv>

namespace builtin {

json::object page_of(const char* key, json::array all, const json::object& params, int page_size) {
    std::size_t from = 0;
    if (const auto* cursor = params.if_contains("cursor")) {
        const std::string text = cursor->is_string() ? std::string(cursor->get_string()) : std::string("?");
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), from);
        if (error != std::errc() || end != text.data() + text.size() || from > all.size()) {
            throw Refusal{-32602, "this cursor is none of mine"};
        }
    }
    json::object out;
    if (page_size <= 0) {
        out[key] = std::move(all);
        return out;
    }
    const std::size_t to = std::min(all.size(), from + static_cast<std::size_t>(page_size));
    json::array page;
    for (std::size_t i = from; i < to; ++i) page.push_back(all[i]);
    out[key] = std::move(page);
    if (to < all.size()) out["nextCursor"] = std::to_string(to);
    return out;
}

std::string text_param(const json::object& params, std::string_view key) {
    const auto* value = params.if_contains(key);
    if (value == nullptr || !value->is_string()) throw Refusal{-32602, "`" + std::string(key) + "` must be a string"};
    return std::string(value->get_string());
}

json::array resource_list() {
    return {json::object{{"uri", "test://text"}, {"name", "text"}, {"title", "A text"}, {"mimeType", "text/plain"}, {"size", 13}},
            json::object{{"uri", "test://blob"}, {"name", "blob"}, {"mimeType", "application/octet-stream"}}};
}

json::array resource_template_list() {
    return {json::object{{"uriTemplate", "test://item/{id}"}, {"name", "item"}, {"description", "An item by number"},
                         {"mimeType", "text/plain"}}};
}

json::object read_resource(const json::object& params) {
    const std::string uri = text_param(params, "uri");
    json::object contents{{"uri", uri}};
    if (uri == "test://text") {
        contents["mimeType"] = "text/plain";
        contents["text"] = "Hello, world!";
    } else if (uri == "test://blob") {
        contents["mimeType"] = "application/octet-stream";
        contents["blob"] = "AAECAwQFBgc=";
    } else if (uri.starts_with("test://item/")) {
        contents["mimeType"] = "text/plain";
        contents["text"] = "This is item " + uri.substr(12);
    } else {
        throw Refusal{-32602, "there is no resource " + uri};
    }
    return {{"contents", json::array{contents}}};
}

json::array prompt_list() {
    return {json::object{{"name", "greet"}, {"description", "Greets somebody"},
                         {"arguments", json::array{json::object{{"name", "name"}, {"required", true}}}}},
            json::object{{"name", "plain"}, {"description", "Takes nothing"}}};
}

json::object get_prompt(const json::object& params) {
    const std::string name = text_param(params, "name");
    std::string text = "Say something plain.";
    if (name == "greet") {
        const auto* arguments = params.if_contains("arguments");
        if (arguments == nullptr || !arguments->is_object()) throw Refusal{-32602, "greet wants the argument `name`"};
        text = "Please greet " + text_param(arguments->get_object(), "name") + ".";
    } else if (name != "plain") {
        throw Refusal{-32602, "there is no prompt " + name};
    }
    const json::object message{{"role", "user"}, {"content", json::object{{"type", "text"}, {"text", text}}}};
    return {{"description", "From the built-in server"}, {"messages", json::array{message}}};
}

json::object complete(const json::object& params) {
    const auto* argument = params.if_contains("argument");
    if (argument == nullptr || !argument->is_object()) throw Refusal{-32602, "`argument` must be an object"};
    const std::string start = text_param(argument->get_object(), "value");
    json::array values;
    for (const std::string_view name : {"Ada", "Alan", "Barbara", "Edsger", "Grace", "Ken"}) {
        if (name.starts_with(start)) values.push_back(json::string(name));
    }
    const auto total = values.size();
    return {{"completion", json::object{{"values", std::move(values)}, {"total", total}, {"hasMore", false}}}};
}

}  // namespace builtin
