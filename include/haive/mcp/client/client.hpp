#pragma once

#include "haive/mcp/base/async.hpp"
#include "haive/mcp/client/client_options.hpp"
#include "haive/mcp/client/session_facts.hpp"
#include "haive/mcp/protocol/caller.hpp"
#include "haive/mcp/protocol/completion.hpp"
#include "haive/mcp/protocol/logging.hpp"
#include "haive/mcp/protocol/prompts.hpp"
#include "haive/mcp/protocol/resources.hpp"
#include "haive/mcp/protocol/tools.hpp"
#include "haive/mcp/transport/runtime.hpp"
#include "haive/mcp/transport/transport.hpp"

#include <concepts>
#include <memory>
#include <string>
#include <vector>

namespace haive::mcp {

class ClientContext;

/// The typed face of one server: tools, resources, prompts and what else MCP offers.
///
/// Got from `MCPConnection::get_client()`, it stays the same object while the connection heals itself
/// underneath: a call either reaches the present generation of the server or fails with an Error that
/// says whether it was executed. `open` gives a bare client instead: one conversation, no healing.
///
/// Threads: every function from any thread. Each returns an Async that is already running.
/// Errors: of the documented classes; Error::disposition() is the delivery verdict.
/// Cancellation: `Async::cancel()`; the server is told in its era's dialect.
/// Lifetime: calls in flight keep what they need; the object may go at any time.
class MCPClient {
public:
    /// Connects to a server without a connection manager around it. The client closes its channel when
    /// the last handle goes, or with `close`. Fails with the documented connection errors.
    static Async<std::shared_ptr<MCPClient>> open(const MCPTransport& transport,
                                                  ClientOptions options = ClientOptions(),
                                                  Seconds timeout = Seconds(30),
                                                  std::shared_ptr<Runtime> runtime = nullptr);

    MCPClient(std::shared_ptr<ClientContext> context, std::shared_ptr<Caller> caller);
    virtual ~MCPClient();
    MCPClient(const MCPClient&) = delete;
    MCPClient& operator=(const MCPClient&) = delete;

    /// All tools, every page. `use_cache` allows the answer of an earlier call where the server said
    /// how long it holds (`ttlMs`) or promised to announce changes.
    Async<std::vector<Tool>> list_tools(bool use_cache = true);
    /// Runs a tool. A tool that reports its own failure is a value with `is_error`; a JSON-RPC error is
    /// an MCPToolError. Never run twice by us unless `options.idempotent` allows it.
    Async<CallToolResult> call_tool(std::string name, json::object arguments = json::object(),
                                    CallOptions options = CallOptions());
    /// The same with the arguments as JSON text, sent byte for byte.
    /// (A template so that braces always mean the form above.)
    template <std::same_as<RawJson> Raw>
    Async<CallToolResult> call_tool(std::string name, Raw arguments, CallOptions options = CallOptions()) {
        return call_tool_with_text(std::move(name), std::move(arguments), std::move(options));
    }

    Async<std::vector<Resource>> list_resources(bool use_cache = true);
    Async<std::vector<ResourceTemplate>> list_resource_templates(bool use_cache = true);
    Async<ReadResourceResult> read_resource(std::string uri, CallOptions options = CallOptions());
    /// From now on, and in every later session too, `notifications/resources/updated` comes for this URI, to the
    /// handlers of that name; at most 1000. After a gap (a new session, a stream that broke) it comes once for
    /// each, as the `list_changed` ones do: something may have changed meanwhile.
    Async<void> subscribe_resource(std::string uri);
    Async<void> unsubscribe_resource(std::string uri);

    Async<std::vector<Prompt>> list_prompts(bool use_cache = true);
    Async<GetPromptResult> get_prompt(std::string name, json::object arguments = json::object(),
                                      CallOptions options = CallOptions());
    /// Completes an argument of a prompt or of a resource template.
    Async<CompleteResult> complete(CompleteRequest request, CallOptions options = CallOptions());
    /// The server's log level from now on, and in every later session. The legacy era has a request for it; in the
    /// modern one each request asks, and messages come to `notifications/message` handlers while it runs.
    Async<void> set_log_level(LogLevel level);
    /// One round trip that any server answers: `ping`, or `server/discover` in the modern era.
    Async<Duration> ping(Seconds timeout = Seconds(10));

    /// Any request, for what has no typed form. `params` is a JSON object.
    Async<Reply> call(std::string method, RawJson params, CallOptions options = CallOptions());

    /// `handler` runs for each notification of `method` (`notifications/tools/list_changed`, ...), in
    /// every generation of the connection, off the read path. Returns a number to remove it with.
    std::uint64_t add_notification_handler(std::string method, NotificationHandler handler);
    void remove_notification_handler(std::uint64_t id);
    /// What `roots/list` answers from now on; a connected legacy server is told of the change.
    virtual void set_roots(std::vector<ClientRoot> roots) = 0;

    /// Where the calls run: for coroutines of a program's own that make several of them.
    [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const noexcept;
    /// What was agreed in the present generation; nullptr before the first.
    [[nodiscard]] virtual std::shared_ptr<const SessionFacts> facts() const = 0;
    [[nodiscard]] virtual bool is_connected() const noexcept = 0;
    /// Ends a bare client's conversation (connections: `disconnect` instead). Idempotent.
    virtual Async<void> close() = 0;

protected:
    Async<void> change_subscription(std::string uri, bool wanted);
    Async<CallToolResult> call_tool_with_text(std::string name, RawJson arguments, CallOptions options);
    /// One probe of the present generation. The task stands on nothing of this object, which may go before it begins.
    virtual Task<Result<Duration>> probe(Duration limit) = 0;

    std::shared_ptr<ClientContext> context_;
    std::shared_ptr<Caller> caller_;
};

}  // namespace haive::mcp
