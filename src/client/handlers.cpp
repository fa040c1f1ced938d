#include "haive/mcp/client/handlers.hpp"

#include "haive/mcp/protocol/error_codes.hpp"

namespace haive::mcp {

ServerRequestHandler elicitation_handler(std::function<ElicitResult(const ElicitRequest&, const ElicitForm*)> ask) {
    return [ask = std::move(ask)](const RawJson& params, const std::shared_ptr<ServerRequestReply>& reply) {
        const auto request = parse_elicit_request(params.text());
        if (request.has_error()) return reply->refuse(rpc_code::invalid_params, request.error().message());
        if (request->mode == ElicitMode::url) return reply->answer(to_json(ask(*request, nullptr)));
        const auto form = parse_elicit_form(request->requested_schema.text());
        if (form.has_error()) return reply->refuse(rpc_code::invalid_params, form.error().message());
        reply->answer(to_json(ask(*request, &*form)));
    };
}

ServerRequestHandler
sampling_handler(std::function<std::optional<CreateMessageResult>(const CreateMessageRequest&)> generate) {
    return [generate = std::move(generate)](const RawJson& params, const std::shared_ptr<ServerRequestReply>& reply) {
        const auto request = parse_create_message_request(params.text());
        if (request.has_error()) return reply->refuse(rpc_code::invalid_params, request.error().message());
        const auto result = generate(*request);
        if (!result) return reply->refuse(rpc_code::user_rejected, "the user rejected the request");
        reply->answer(to_json(*result));
    };
}

}  // namespace haive::mcp
