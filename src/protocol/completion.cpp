#include "haive/mcp/protocol/completion.hpp"

#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

void read_completion(std::string_view raw, CompleteResult& out, FieldReader& outer) {
    bool has_values = false;
    FieldReader in("completion", raw);
    while (in.next()) {
        if (in.is("values")) {
            has_values = in.texts(out.values);
        } else if (in.is("total")) {
            in.maybe(out.total);
        } else if (in.is("hasMore")) {
            in.maybe(out.has_more);
        }
    }
    in.require(has_values, "values");
    if (in.failed()) outer.fail(in.error().message());
}

CompleteRequest make_request(CompleteRequest::Of of, std::string reference, std::string argument, std::string value) {
    CompleteRequest request;
    request.of = of;
    request.reference = std::move(reference);
    request.argument_name = std::move(argument);
    request.argument_value = std::move(value);
    return request;
}

}  // namespace

CompleteRequest CompleteRequest::for_prompt(std::string name, std::string argument, std::string value) {
    return make_request(Of::prompt, std::move(name), std::move(argument), std::move(value));
}

CompleteRequest CompleteRequest::for_resource(std::string uri_template, std::string argument, std::string value) {
    return make_request(Of::resource_template, std::move(uri_template), std::move(argument), std::move(value));
}

Result<CompleteResult> parse_complete_result(std::string_view raw_result) {
    CompleteResult out;
    bool has_completion = false;
    FieldReader in("CompleteResult", raw_result);
    while (in.next()) {
        if (in.is("completion")) {
            has_completion = true;
            read_completion(in.value(), out, in);
        } else {
            in.result_member(out.meta);
        }
    }
    in.require(has_completion, "completion");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw_result));
    return out;
}

RawJson to_json(const CompleteRequest& request) {
    const bool prompt = request.of == CompleteRequest::Of::prompt;
    FieldWriter reference;
    reference.text("type", prompt ? "ref/prompt" : "ref/resource");
    reference.text(prompt ? "name" : "uri", request.reference);
    FieldWriter argument;
    argument.text("name", request.argument_name);
    argument.text("value", request.argument_value);
    FieldWriter out;
    out.raw("ref", reference.take().text());
    out.raw("argument", argument.take().text());
    if (!request.context_arguments.empty()) {
        FieldWriter known;
        for (const auto& [name, value] : request.context_arguments) known.text(name, value);
        out.raw("context", R"({"arguments":)" + known.take().text() + '}');
    }
    return out.take();
}

}  // namespace haive::mcp
