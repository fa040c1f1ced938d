#include "haive/mcp/protocol/elicitation.hpp"

#include "protocol/field_reader.hpp"

#include <boost/json/serialize.hpp>

namespace haive::mcp {

Result<ElicitRequest> parse_elicit_request(std::string_view raw_params) {
    ElicitRequest out;
    bool has_message = false;
    bool has_schema = false;
    bool has_url = false;
    FieldReader in("ElicitRequest", raw_params);
    while (in.next()) {
        if (in.is("mode")) {
            std::string mode;
            if (!in.text(mode)) break;
            if (mode != "form" && mode != "url") in.wrong_type("a mode that this client knows");
            out.mode = mode == "url" ? ElicitMode::url : ElicitMode::form;
        } else if (in.is("message")) {
            has_message = in.text(out.message);
        } else if (in.is("requestedSchema")) {
            has_schema = in.object(out.requested_schema);
        } else if (in.is("url")) {
            has_url = in.text(out.url);
        } else if (in.is("elicitationId")) {
            in.maybe(out.elicitation_id);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_message, "message");
    if (out.mode == ElicitMode::form) {
        in.require(has_schema, "requestedSchema");
    } else {
        in.require(has_url, "url");
    }
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw_params));
    return out;
}

RawJson to_json(const ElicitResult& result) {
    FieldWriter out;
    switch (result.action) {
        case ElicitAction::accept: out.text("action", "accept"); break;
        case ElicitAction::decline: out.text("action", "decline"); break;
        case ElicitAction::cancel: out.text("action", "cancel"); break;
    }
    if (result.action == ElicitAction::accept && result.content) {
        out.raw("content", boost::json::serialize(*result.content));
    }
    return out.take();
}

}  // namespace haive::mcp
