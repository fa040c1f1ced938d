#include "haive/mcp/protocol/resources.hpp"

#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

/// The members that Resource and ResourceTemplate share. True when the member was one of them.
template <class Described>
bool read_description(FieldReader& in, Described& out) {
    if (in.is("title")) {
        in.maybe(out.title);
    } else if (in.is("description")) {
        in.maybe(out.description);
    } else if (in.is("mimeType")) {
        in.maybe(out.mime_type);
    } else if (in.is("icons")) {
        in.maybe(out.icons);
    } else if (in.is("annotations")) {
        in.maybe_object(out.annotations);
    } else if (in.is("_meta")) {
        in.maybe_object(out.meta);
    } else {
        return false;
    }
    return true;
}

}  // namespace

Result<Resource> parse_resource(std::string_view raw) {
    Resource out;
    bool has_uri = false;
    bool has_name = false;
    FieldReader in("Resource", raw);
    while (in.next()) {
        if (read_description(in, out)) continue;
        if (in.is("uri")) {
            has_uri = in.text(out.uri);
        } else if (in.is("name")) {
            has_name = in.text(out.name);
        } else if (in.is("size")) {
            in.maybe(out.size);
        }
    }
    in.require(has_uri, "uri");
    in.require(has_name, "name");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw));
    return out;
}

Result<ResourceTemplate> parse_resource_template(std::string_view raw) {
    ResourceTemplate out;
    bool has_template = false;
    bool has_name = false;
    FieldReader in("ResourceTemplate", raw);
    while (in.next()) {
        if (read_description(in, out)) continue;
        if (in.is("uriTemplate")) {
            has_template = in.text(out.uri_template);
        } else if (in.is("name")) {
            has_name = in.text(out.name);
        }
    }
    in.require(has_template, "uriTemplate");
    in.require(has_name, "name");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw));
    return out;
}

Result<ResourceContents> parse_resource_contents(std::string_view raw) {
    ResourceContents out;
    bool has_uri = false;
    FieldReader in("ResourceContents", raw);
    while (in.next()) {
        if (in.is("uri")) {
            has_uri = in.text(out.uri);
        } else if (in.is("mimeType")) {
            in.maybe(out.mime_type);
        } else if (in.is("text") && !in.is_null()) {
            in.text(out.text.emplace());
        } else if (in.is("blob") && !in.is_null()) {
            in.text(out.blob.emplace());
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_uri, "uri");
    in.require(out.text.has_value() || out.blob.has_value(), "text` or `blob");
    if (in.failed()) return in.error();
    return out;
}

Result<ListResourcesResult> parse_list_resources_result(std::string_view raw_result) {
    ListResourcesResult out;
    bool has_list = false;
    FieldReader in("ListResourcesResult", raw_result);
    while (in.next()) {
        if (in.result_member(out.meta) || in.cache_member(out.cache)) continue;
        if (in.is("resources")) {
            has_list = in.items(out.resources, out.skipped, parse_resource);
        } else if (in.is("nextCursor")) {
            in.cursor(out.next_cursor);
        }
    }
    in.require(has_list, "resources");
    if (in.failed()) return in.error();
    return out;
}

Result<ListResourceTemplatesResult> parse_list_resource_templates_result(std::string_view raw_result) {
    ListResourceTemplatesResult out;
    bool has_list = false;
    FieldReader in("ListResourceTemplatesResult", raw_result);
    while (in.next()) {
        if (in.result_member(out.meta) || in.cache_member(out.cache)) continue;
        if (in.is("resourceTemplates")) {
            has_list = in.items(out.resource_templates, out.skipped, parse_resource_template);
        } else if (in.is("nextCursor")) {
            in.cursor(out.next_cursor);
        }
    }
    in.require(has_list, "resourceTemplates");
    if (in.failed()) return in.error();
    return out;
}

Result<ReadResourceResult> parse_read_resource_result(std::string_view raw_result) {
    ReadResourceResult out;
    bool has_contents = false;
    FieldReader in("ReadResourceResult", raw_result);
    while (in.next()) {
        if (in.result_member(out.meta) || in.cache_member(out.cache)) continue;
        if (in.is("contents")) has_contents = in.items(out.contents, parse_resource_contents);
    }
    in.require(has_contents, "contents");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw_result));
    return out;
}

std::string ReadResourceResult::text() const {
    std::string out;
    bool first = true;
    for (const ResourceContents& part : contents) {
        if (!part.text) continue;
        if (!first) out += '\n';
        first = false;
        out += *part.text;
    }
    return out;
}

}  // namespace haive::mcp
