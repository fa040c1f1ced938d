#pragma once

#include "client/client_context.hpp"

#include <memory>
#include <string_view>

namespace haive::mcp {

/// Puts a question of the server (`sampling/createMessage`, `elicitation/create`, `roots/list`) to the program's
/// handler: the same for a request of the legacy era and for an input request of the modern one.
///
/// What the server may not ask is refused before the handler sees it: a kind or mode that was not offered, a
/// malformed request, a form that is not flat. What the handler accepts is completed from the form's defaults
/// and checked against the form; content of anything but an accepted form is taken off. `reply` gets exactly
/// one answer or refusal, from any thread. Loop thread only. Source: MCP *Elicitation*, *Sampling*, *Roots*.
void ask_program(const std::shared_ptr<ClientContext>& context, std::string_view method, RawJson params,
                 std::shared_ptr<ServerRequestReply> reply);

}  // namespace haive::mcp
