#pragma once

#include "client/client_context.hpp"
#include "haive/mcp/protocol/caller.hpp"

namespace haive::mcp {

/// Whether a server may ask for input before it answers this method (*Multi Round-Trip Requests*).
[[nodiscard]] bool may_ask_for_input(std::string_view method) noexcept;

/// One call, with the input that the server asks for on its way.
///
/// Modern era: an `input_required` answer runs the handlers, all at once, and the request goes out again with
/// their answers and the server's state byte for byte, under a new id, up to `ClientOptions::max_input_rounds`
/// times within the call's one total time. What no handler can or will answer fails the call here; nothing is
/// sent then, because nobody waits. A round that carries input is never sent twice.
/// Legacy era (2025-11-25): error -32042 puts its pages to the handler, and the error still ends the call.
///
/// Loop thread only; `inner` must outlive the call.
Task<Result<Reply>> call_with_input(std::shared_ptr<ClientContext> context, Caller& inner, Request request);

}  // namespace haive::mcp
