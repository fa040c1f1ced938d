#include "haive/mcp/protocol/content.hpp"

#include "protocol/content_block_reader.hpp"
#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

bool is_media(std::string_view type) { return type == "image" || type == "audio"; }

template <class T>
void read_part(FieldReader& in, Result<T> part, std::optional<T>& out) {
    if (part.has_error()) {
        in.fail(part.error().message());
    } else {
        out = std::move(*part);
    }
}

RawJson to_json(const ResourceContents& contents) {
    FieldWriter out;
    out.text("uri", contents.uri);
    out.text_if("mimeType", contents.mime_type);
    if (contents.text) out.text("text", *contents.text);
    if (contents.blob) out.text("blob", *contents.blob);
    out.raw_if("_meta", contents.meta);
    return out.take();
}

void write_link(FieldWriter& out, const Resource& link) {
    out.text("uri", link.uri);
    out.text("name", link.name);
    out.text_if("title", link.title);
    out.text_if("description", link.description);
    out.text_if("mimeType", link.mime_type);
    if (link.size) out.raw("size", std::to_string(*link.size));
}

}  // namespace

ContentBlock ContentBlock::of_text(std::string text) {
    ContentBlock block;
    block.type = "text";
    block.text = std::move(text);
    return block;
}

ContentBlock ContentBlock::of_media(std::string type, std::string base64, std::string mime_type) {
    ContentBlock block;
    block.type = std::move(type);
    block.data = std::move(base64);
    block.mime_type = std::move(mime_type);
    return block;
}

std::optional<Error> read_content_block(std::string_view raw, ContentBlock& out) {
    bool has_type = false;
    std::string_view text, data, mime_type, resource;  // `type` may come behind what depends on it
    FieldReader in("ContentBlock", raw);
    while (in.next()) {
        if (in.is("type")) {
            has_type = in.text(out.type);
        } else if (in.is("text")) {
            text = in.value();
        } else if (in.is("data")) {
            data = in.value();
        } else if (in.is("mimeType")) {
            mime_type = in.value();
        } else if (in.is("resource")) {
            resource = in.value();
        } else if (in.is("annotations")) {
            in.maybe_object(out.annotations);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_type, "type");
    if (in.failed()) return in.error();

    if (out.type == "text") {
        if (!decode_json_string(text, out.text)) in.fail("a text block without a string `text`");
    } else if (is_media(out.type)) {
        if (!decode_json_string(data, out.data)) in.fail("an " + out.type + " block without a string `data`");
        if (!decode_json_string(mime_type, out.mime_type)) out.mime_type.clear();
    } else if (out.type == "resource_link") {
        read_part(in, parse_resource(raw), out.resource_link);
    } else if (out.type == "resource") {
        if (resource.empty()) {
            in.fail("a resource block without `resource`");
        } else {
            read_part(in, parse_resource_contents(resource), out.resource);
        }
    } else {
        out.raw = RawJson(std::string(raw));
    }
    if (in.failed()) return in.error();
    return std::nullopt;
}

Result<ContentBlock> parse_content_block(std::string_view raw) {
    ContentBlock out;
    if (auto error = read_content_block(raw, out)) return *std::move(error);
    return out;
}

RawJson to_json(const ContentBlock& block) {
    if (!block.raw.empty()) return block.raw;
    FieldWriter out;
    out.text("type", block.type);
    if (block.type == "text") {
        out.text("text", block.text);
    } else if (is_media(block.type)) {
        out.text("data", block.data);
        out.text("mimeType", block.mime_type);
    } else if (block.resource_link) {
        write_link(out, *block.resource_link);
    } else if (block.resource) {
        out.raw("resource", to_json(*block.resource).text());
    }
    out.raw_if("annotations", block.annotations);
    out.raw_if("_meta", block.meta);
    return out.take();
}

std::string text_of(const std::vector<ContentBlock>& content) {
    std::string out;
    bool first = true;
    for (const ContentBlock& block : content) {
        if (block.type != "text") continue;
        if (!first) out += '\n';
        first = false;
        out += block.text;
    }
    return out;
}

}  // namespace haive::mcp
