#include "haive/mcp/protocol/capabilities.hpp"

#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

/// Offered: an object, or a `true` as some servers write it. Sub-capabilities count when `true`.
bool read_offer(std::string_view value, bool* list_changed, bool* subscribe) {
    if (value == "true") return true;
    if (json_type(value) != JsonType::object) return false;
    JsonObjectSlices members(value);
    while (members.next()) {
        if (list_changed != nullptr && members.key() == "listChanged") *list_changed = members.value() == "true";
        if (subscribe != nullptr && members.key() == "subscribe") *subscribe = members.value() == "true";
    }
    return true;
}

}  // namespace

Result<ServerCapabilities> parse_server_capabilities(std::string_view raw) {
    ServerCapabilities out;
    FieldReader in("ServerCapabilities", raw);
    while (in.next()) {
        if (in.is("tools")) {
            out.tools = read_offer(in.value(), &out.tools_list_changed, nullptr);
        } else if (in.is("resources")) {
            out.resources = read_offer(in.value(), &out.resources_list_changed, &out.resources_subscribe);
        } else if (in.is("prompts")) {
            out.prompts = read_offer(in.value(), &out.prompts_list_changed, nullptr);
        } else if (in.is("completions")) {
            out.completions = read_offer(in.value(), nullptr, nullptr);
        } else if (in.is("logging")) {
            out.logging = read_offer(in.value(), nullptr, nullptr);
        } else if (in.is("tasks")) {
            in.maybe_object(out.tasks);
        } else if (in.is("extensions")) {
            in.maybe_object(out.extensions);
        } else if (in.is("experimental")) {
            in.maybe_object(out.experimental);
        }
    }
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw));
    return out;
}

RawJson to_json(const ClientCapabilities& c) {
    FieldWriter out;
    if (c.roots || c.roots_list_changed) out.raw("roots", c.roots_list_changed ? R"({"listChanged":true})" : "{}");
    if (c.sampling || c.sampling_tools || c.sampling_context) {
        FieldWriter sampling;
        if (c.sampling_tools) sampling.raw("tools", "{}");
        if (c.sampling_context) sampling.raw("context", "{}");
        out.raw("sampling", sampling.take().text());
    }
    if (c.elicitation || c.elicitation_form || c.elicitation_url) {
        FieldWriter elicitation;
        if (c.elicitation_form) elicitation.raw("form", "{}");
        if (c.elicitation_url) elicitation.raw("url", "{}");
        out.raw("elicitation", elicitation.take().text());
    }
    out.raw_if("tasks", c.tasks);
    out.raw_if("extensions", c.extensions);
    out.raw_if("experimental", c.experimental);
    return out.take();
}

}  // namespace haive::mcp
