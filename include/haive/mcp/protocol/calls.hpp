#pragma once

#include "haive/mcp/protocol/caller.hpp"
#include "haive/mcp/protocol/completion.hpp"
#include "haive/mcp/protocol/logging.hpp"
#include "haive/mcp/protocol/prompts.hpp"
#include "haive/mcp/protocol/resources.hpp"
#include "haive/mcp/protocol/tools.hpp"

#include <optional>
#include <string>

/// The typed calls, written once over any Caller: a client, a connection, a pool, a decorator.
///
/// All of them: loop thread only; `caller` must live until the task has ended; options are used for
/// every request that the call makes. Errors of the caller come through untouched (an `rpc_error` keeps
/// code, peer text and data); an answer that is not what the method promises is a protocol_violation
/// that names the field, with Disposition::executed; arguments that are not JSON are an encode_error,
/// and nothing is sent.
namespace haive::mcp {

/// Pages followed before a list counts as endless.
inline constexpr int max_list_pages = 64;

/// All tools (*Pagination*): follows `nextCursor`, where the empty string is a cursor too. Stops when a
/// page or a cursor comes again (the server ignores cursors), without keeping the repeated page, and
/// after `max_list_pages`, with `next_cursor` left set: the list is incomplete then.
Task<Result<ListToolsResult>> list_tools(Caller& caller, CallOptions options);
/// One page; no cursor asks for the first.
Task<Result<ListToolsResult>> list_tools_page(Caller& caller, std::optional<std::string> cursor, CallOptions options);

/// Runs a tool (*Tools › Calling tools*). `arguments` is a JSON object.
Task<Result<CallToolResult>> call_tool(Caller& caller, std::string name, json::object arguments, CallOptions options);
/// The same with the arguments as JSON text, which is sent byte for byte but for line breaks between
/// tokens. Empty means `{}`.
Task<Result<CallToolResult>> call_tool(Caller& caller, std::string name, RawJson arguments, CallOptions options);

/// Whole lists, with the rules of `list_tools`.
Task<Result<ListResourcesResult>> list_resources(Caller& caller, CallOptions options);
Task<Result<ListResourceTemplatesResult>> list_resource_templates(Caller& caller, CallOptions options);
Task<Result<ListPromptsResult>> list_prompts(Caller& caller, CallOptions options);

Task<Result<ReadResourceResult>> read_resource(Caller& caller, std::string uri, CallOptions options);
/// Legacy era (*Resources › Subscriptions*).
Task<Result<void>> subscribe_resource(Caller& caller, std::string uri, CallOptions options);
Task<Result<void>> unsubscribe_resource(Caller& caller, std::string uri, CallOptions options);

/// MCP's prompt arguments are strings: a value that is none is sent as its JSON text.
Task<Result<GetPromptResult>> get_prompt(Caller& caller, std::string name, json::object arguments, CallOptions options);
Task<Result<CompleteResult>> complete(Caller& caller, CompleteRequest request, CallOptions options);
/// Legacy era (*Logging*).
Task<Result<void>> set_log_level(Caller& caller, LogLevel level, CallOptions options);
/// Legacy era (*Ping*). The time of the round trip.
Task<Result<Duration>> ping(Caller& caller, CallOptions options);

/// Any request, for what has no typed form. `params` is a JSON object, or empty for `{}`; its `_meta`
/// goes to `options.meta`, where a key that is there already wins.
Task<Result<Reply>> raw_request(Caller& caller, std::string method, RawJson params, CallOptions options);

}  // namespace haive::mcp
