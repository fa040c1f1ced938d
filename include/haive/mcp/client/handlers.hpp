#pragma once

#include "haive/mcp/client/client_options.hpp"
#include "haive/mcp/protocol/elicitation.hpp"
#include "haive/mcp/protocol/elicitation_form.hpp"
#include "haive/mcp/protocol/sampling.hpp"

#include <functional>
#include <optional>

namespace haive::mcp {

/// Handlers for `ClientOptions` from functions over the typed requests. The function runs where handlers run
/// (`ClientOptions::handler_executor`); what it throws refuses the request.

/// `ask` puts a form or a page to the user. `form` is nullptr for a page; then show the whole of
/// `request.url`, with its host, and open it only when the user agrees. Fields left out of an accepted form get
/// the server's defaults. Source: MCP *Elicitation*.
[[nodiscard]] ServerRequestHandler
elicitation_handler(std::function<ElicitResult(const ElicitRequest& request, const ElicitForm* form)> ask);

/// `generate` asks a model. nullopt: the user did not want it (answered with -1 in the legacy era; in the modern
/// one the call fails). Source: MCP *Sampling*.
[[nodiscard]] ServerRequestHandler
sampling_handler(std::function<std::optional<CreateMessageResult>(const CreateMessageRequest& request)> generate);

}  // namespace haive::mcp
