#include "haive/mcp/protocol/roots.hpp"

#include "protocol/field_reader.hpp"

namespace haive::mcp {

Result<Root> parse_root(std::string_view raw) {
    Root out;
    bool has_uri = false;
    FieldReader in("Root", raw);
    while (in.next()) {
        if (in.is("uri")) {
            has_uri = in.text(out.uri);
        } else if (in.is("name")) {
            in.maybe(out.name);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_uri, "uri");
    if (in.failed()) return in.error();
    return out;
}

RawJson to_list_roots_result(const std::vector<Root>& roots) {
    std::string list = "[";
    for (const Root& root : roots) {
        FieldWriter out;
        out.text("uri", root.uri);
        out.text_if("name", root.name);
        out.raw_if("_meta", root.meta);
        if (list.size() > 1) list += ',';
        list += out.take().text();
    }
    FieldWriter result;
    result.raw("roots", list + ']');
    return result.take();
}

}  // namespace haive::mcp
