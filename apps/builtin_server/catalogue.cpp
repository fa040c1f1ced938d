// What is listed and read: resources, prompts, completions, and the pages that lists come in.
#include "catalogue.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace builtin {

json::object page_of(const char* key, json::array all, const json::object& params, int page_size) {
    std::size_t from = 0;
    if (params.contains("cursor")) {
        const std::string cursor = text_param(params, "cursor");
        const char* last = cursor.data() + cursor.size();
        const auto [end, error] = std::from_chars(cursor.data(), last, from);
        if (error != std::errc() || end != last || from > all.size()) {
            throw Refusal{-32602, "this cursor is none of mine"};
        }
    }
    json::object out;
    const std::size_t left = all.size() - from;
    const std::size_t size = page_size <= 0 ? left : std::min(left, static_cast<std::size_t>(page_size));
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
    if (size < left) out["nextCursor"] = std::to_string(from + size);
    out[key] =
        json::array(std::make_move_iterator(first), std::make_move_iterator(first + static_cast<std::ptrdiff_t>(size)));
    return out;
}

json::array resource_list(const Switches& switches) {
    json::array out = json::parse(R"([
        {"uri": "test://text", "name": "text", "title": "A text", "mimeType": "text/plain", "size": 13},
        {"uri": "test://blob", "name": "blob", "title": "Eight bytes", "size": 8,
         "mimeType": "application/octet-stream"}
    ])")
                          .as_array();
    if (switches.conformance) add_conformance_resources(out);
    return out;
}

json::array resource_template_list(const Switches& switches) {
    json::array out = json::parse(R"([{"uriTemplate": "test://item/{id}", "name": "item", "title": "An item",
        "description": "An item by number", "mimeType": "text/plain"}])")
                          .as_array();
    if (switches.conformance) add_conformance_templates(out);
    return out;
}

json::object read_resource(const Switches& switches, const json::object& params, bool modern) {
    constexpr std::string_view item = "test://item/";
    const std::string uri = text_param(params, "uri");
    if (auto special = switches.conformance ? conformance_resource(uri) : std::nullopt) {
        return {{"contents", json::array{std::move(*special)}}};
    }
    json::object contents{{"uri", uri}, {"mimeType", "text/plain"}};
    if (uri == "test://text") {
        contents["text"] = "Hello, world!";
    } else if (uri == "test://blob") {
        contents["mimeType"] = "application/octet-stream";
        contents["blob"] = "AAECAwQFBgc=";
    } else if (uri.starts_with(item) && uri.size() > item.size()) {
        contents["text"] = "This is item " + uri.substr(item.size());
    } else {
        throw Refusal{modern ? -32602 : -32002, "there is no resource " + uri, {{"uri", uri}}};
    }
    return {{"contents", json::array{std::move(contents)}}};
}

json::array prompt_list(const Switches& switches, bool changed) {
    json::array out = json::parse(R"([
        {"name": "greet", "title": "Greeting", "description": "Greets somebody",
         "arguments": [{"name": "name", "description": "Whom", "required": true}]},
        {"name": "plain", "title": "Plain", "description": "Takes nothing"}
    ])")
                          .as_array();
    if (switches.conformance) add_conformance_prompts(out);
    if (changed) out.push_back(json::object{{"name", "added_later"}, {"description", "Was not there at first"}});
    return out;
}

json::object get_prompt(const Switches& switches, const json::object& params) {
    const std::string name = text_param(params, "name");
    if (auto special =
            switches.conformance ? conformance_messages(name, object_in(params, "arguments")) : std::nullopt) {
        return {{"description", "From the built-in server"}, {"messages", std::move(*special)}};
    }
    std::string text = "Say something plain.";
    if (name == "greet") {
        text = "Please greet " + text_param(object_in(params, "arguments"), "name") + ".";
    } else if (name != "plain" && name != "added_later") {
        throw Refusal{-32602, "there is no prompt " + name};
    }
    json::object content{{"type", "text"}, {"text", text}};
    json::object message{{"role", "user"}, {"content", std::move(content)}};
    return {{"description", "From the built-in server"}, {"messages", json::array{std::move(message)}}};
}

json::object complete(const Switches& switches, const json::object& params) {
    const auto& ref = object_in(params, "ref");
    const auto& argument = object_in(params, "argument");
    const std::string type = text_param(ref, "type");
    const std::string of = text_param(ref, type == "ref/resource" ? "uri" : "name");
    if (type != "ref/prompt" && type != "ref/resource") throw Refusal{-32602, "`type` is ref/prompt or ref/resource"};
    if (switches.conformance && of.starts_with("test_")) {
        const json::array none;
        return {{"completion", json::object{{"values", none}, {"total", 0}, {"hasMore", false}}}};
    }
    if (type == "ref/prompt" && of != "greet" && of != "plain") throw Refusal{-32602, "there is no prompt " + of};

    const std::string start = text_param(argument, "value");
    json::array values;
    if (of == "greet" && text_param(argument, "name") == "name") {
        for (const std::string_view name : {"Ada", "Alan", "Barbara", "Edsger", "Grace", "Ken"}) {
            if (name.starts_with(start)) values.push_back(json::string(name));
        }
    }
    const auto total = values.size();
    return {{"completion", json::object{{"values", std::move(values)}, {"total", total}, {"hasMore", false}}}};
}

}  // namespace builtin
