#include "client/server_questions.hpp"

#include "haive/mcp/protocol/elicitation.hpp"
#include "haive/mcp/protocol/elicitation_form.hpp"
#include "haive/mcp/protocol/error_codes.hpp"
#include "haive/mcp/protocol/sampling.hpp"
#include "protocol/sampling_check.hpp"

#include <boost/json/serialize.hpp>

namespace haive::mcp {

namespace {

/// Stands between the handler and the server: what is accepted fits the form.
class ElicitReply final : public ServerRequestReply {
public:
    ElicitReply(std::shared_ptr<ServerRequestReply> server, std::optional<ElicitForm> form)
        : server_(std::move(server)), form_(std::move(form)) {}

    void answer(RawJson result) override {
        auto value = result.value();
        json::object* answer = value ? value->if_object() : nullptr;
        const json::value* action = answer != nullptr ? answer->if_contains("action") : nullptr;
        if (action == nullptr || !action->is_string()) return not_fitting("it has no `action`");
        if (action->as_string() != "accept" || !form_) {
            answer->erase("content");
            return server_->answer(RawJson(json::serialize(*answer)));
        }
        const json::value* given = answer->if_contains("content");
        if (given != nullptr && !given->is_object()) return not_fitting("its content is no object");
        json::object content = fill_defaults(*form_, given == nullptr ? json::object() : given->as_object());
        if (const auto problem = form_problem(*form_, content)) return not_fitting(*problem);
        (*answer)["content"] = std::move(content);
        server_->answer(RawJson(json::serialize(*answer)));
    }
    void refuse(int code, std::string message) override { server_->refuse(code, std::move(message)); }

private:
    void not_fitting(const std::string& why) {
        server_->refuse(rpc_code::internal_error, "the client's answer does not fit the form: " + why);
    }

    std::shared_ptr<ServerRequestReply> server_;
    std::optional<ElicitForm> form_;  // none: a page to open
};

void run(const std::shared_ptr<ClientContext>& context, const ServerRequestHandler& handler, RawJson params,
         std::shared_ptr<ServerRequestReply> reply) {
    context->run_handler([context, &handler, params = std::move(params), reply = std::move(reply)] {
        try {
            handler(params, reply);
        } catch (const std::exception& e) {
            reply->refuse(rpc_code::internal_error, std::string("the client's handler failed: ") + e.what());
        }
    });
}

void ask_sampling(const std::shared_ptr<ClientContext>& context, RawJson params,
                  std::shared_ptr<ServerRequestReply> reply) {
    const ClientOptions& options = context->options();
    const auto request = parse_create_message_request(params.text());
    if (request.has_error()) return reply->refuse(rpc_code::invalid_params, request.error().message());
    if (const auto problem = sampling_problem(*request, options.offer_sampling_tools)) {
        return reply->refuse(rpc_code::invalid_params, *problem);
    }
    run(context, options.on_sampling, std::move(params), std::move(reply));
}

void ask_elicitation(const std::shared_ptr<ClientContext>& context, RawJson params,
                     std::shared_ptr<ServerRequestReply> reply) {
    const ClientOptions& options = context->options();
    const auto request = parse_elicit_request(params.text());
    if (request.has_error()) return reply->refuse(rpc_code::invalid_params, request.error().message());
    std::optional<ElicitForm> form;
    if (request->mode == ElicitMode::url) {
        if (!options.offer_url_elicitation) {
            return reply->refuse(rpc_code::invalid_params, "this client did not offer elicitation by URL");
        }
        context->expect_elicitation(request->elicitation_id);
    } else {
        auto parsed = parse_elicit_form(request->requested_schema.text());
        if (parsed.has_error()) return reply->refuse(rpc_code::invalid_params, parsed.error().message());
        form = std::move(*parsed);
    }
    auto checked = std::make_shared<ElicitReply>(std::move(reply), std::move(form));
    run(context, options.on_elicitation, std::move(params), std::move(checked));
}

}  // namespace

void ask_program(const std::shared_ptr<ClientContext>& context, std::string_view method, RawJson params,
                 std::shared_ptr<ServerRequestReply> reply) {
    const ClientOptions& options = context->options();
    if (method == "roots/list") return reply->answer(context->roots_result());
    if (method == "sampling/createMessage" && options.on_sampling) {
        return ask_sampling(context, std::move(params), std::move(reply));
    }
    if (method == "elicitation/create" && options.on_elicitation) {
        return ask_elicitation(context, std::move(params), std::move(reply));
    }
    reply->refuse(rpc_code::method_not_found,
                  "this client does not offer `" + std::string(method.substr(0, 100)) + "`");
}

}  // namespace haive::mcp
