#include "haive/mcp/protocol/implementation.hpp"

#include "protocol/field_reader.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

/// Schemes are case-insensitive (RFC 3986).
bool has_scheme(std::string_view uri, std::string_view scheme) {
    return uri.size() >= scheme.size() && std::equal(scheme.begin(), scheme.end(), uri.begin(), [](char s, char u) {
               return s == (u >= 'A' && u <= 'Z' ? static_cast<char>(u | 0x20) : u);
           });
}

void append_icon(std::string& out, const Icon& icon) {
    FieldWriter writer;
    writer.text("src", icon.src);
    writer.text_if("mimeType", icon.mime_type);
    if (!icon.sizes.empty()) {
        std::string sizes = "[";
        for (const std::string& size : icon.sizes) {
            if (sizes.size() > 1) sizes += ',';
            append_json_string(sizes, size);
        }
        writer.raw("sizes", sizes + ']');
    }
    writer.text_if("theme", icon.theme);
    out += writer.take().text();
}

}  // namespace

bool Icon::has_allowed_scheme() const noexcept { return has_scheme(src, "https:") || has_scheme(src, "data:"); }

Result<Implementation> parse_implementation(std::string_view raw) {
    Implementation out;
    bool has_name = false;
    FieldReader in("Implementation", raw);
    while (in.next()) {
        if (in.is("name")) {
            has_name = in.text(out.name);
        } else if (in.is("title")) {
            in.maybe(out.title);
        } else if (in.is("version")) {
            in.maybe(out.version);
        } else if (in.is("description")) {
            in.maybe(out.description);
        } else if (in.is("websiteUrl")) {
            in.maybe(out.website_url);
        } else if (in.is("icons")) {
            in.maybe(out.icons);
        }
    }
    in.require(has_name, "name");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw));
    return out;
}

RawJson to_json(const Implementation& implementation) {
    FieldWriter out;
    out.text("name", implementation.name);
    out.text_if("title", implementation.title);
    out.text("version", implementation.version);
    out.text_if("description", implementation.description);
    out.text_if("websiteUrl", implementation.website_url);
    if (!implementation.icons.empty()) {
        std::string icons = "[";
        for (const Icon& icon : implementation.icons) {
            if (icons.size() > 1) icons += ',';
            append_icon(icons, icon);
        }
        out.raw("icons", icons + ']');
    }
    return out.take();
}

}  // namespace haive::mcp
