#pragma once

#include "haive/mcp/protocol/caller.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Appends a program's JSON object text so that it can be sent: checked whole, its spelling kept, but for
/// line breaks between tokens (they end a message on byte streams) and bytes that are not UTF-8.
/// Empty means `{}`. `what` names it in errors: "the arguments". Errors: encode_error.
[[nodiscard]] std::optional<Error> append_object_text(std::string& out, std::string_view text, std::string_view what);

/// The same for a value that has no spelling yet. Errors: encode_error for NaN and infinity.
[[nodiscard]] std::optional<Error> append_object(std::string& out, const json::object& object, std::string_view what);

/// `{"KEY":"VALUE"}`
[[nodiscard]] std::string single_member(std::string_view key, std::string_view value);

/// Params of `tools/call` and `prompts/get` up to and without the last brace, ready for the arguments, for `room` bytes
/// of which there is room already.
[[nodiscard]] std::string begin_named_params(std::string_view name, std::size_t room = 64);

/// Every value a string, as MCP's prompt arguments must be: others become their JSON text.
[[nodiscard]] json::object only_strings(json::object arguments);

/// A program's own params: `_meta` goes to `request.options.meta` (keys there win), the rest to
/// `request.params`; `request.name` becomes what HTTP headers call the request. Errors: encode_error.
[[nodiscard]] std::optional<Error> take_raw_params(Request& request, std::string_view params);

}  // namespace haive::mcp
