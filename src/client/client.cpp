#include "haive/mcp/client/client.hpp"

#include "client/bare_client.hpp"
#include "client/caching_caller.hpp"
#include "client/client_context.hpp"
#include "client/establish.hpp"
#include "client/session.hpp"
#include "haive/mcp/protocol/calls.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include <stdexcept>

namespace haive::mcp {

namespace {

/// What a call, its handle and what cancels it share: one block of memory.
template <class T>
struct CallState {
    explicit CallState(Loop* loop) : state(loop) {
        state.on_cancel = [this] { cancel.request(); };
    }
    detail::AsyncState<T> state;
    CancelSlot cancel;
};

/// Keeps the caller alive while the typed call uses it.
template <class T, class Work>
detail::Detached run_keeping(CachingCaller caller, Work work, std::shared_ptr<detail::AsyncState<T>> state) {
    Result<T> result = co_await work(caller);
    state->on_cancel.reset();
    state->complete(std::move(result));
}

/// Starts `work(caller)` on the loop with a caller that can be cancelled and may use the catalogue.
template <class T, class Work>
Async<T> run_call(std::shared_ptr<ClientContext> context, std::shared_ptr<Caller> inner,
                  std::shared_ptr<const SessionFacts> facts, bool use_cache, Work work) {
    Loop& loop = context->runtime().loop();
    const auto call = std::make_shared<CallState<T>>(&loop);
    std::shared_ptr<detail::AsyncState<T>> state(call, &call->state);
    CachingCaller caller(std::move(context), std::move(inner), std::move(facts), use_cache,
                         std::shared_ptr<CancelSlot>(call, &call->cancel));
    if (loop.on_loop_thread()) {
        run_keeping<T>(std::move(caller), std::move(work), state);
    } else {
        loop.post([caller = std::move(caller), work = std::move(work), state]() mutable {
            run_keeping<T>(std::move(caller), std::move(work), std::move(state));
        });
    }
    return Async<T>(std::move(state));
}

template <class List, class Item>
Task<Result<std::vector<Item>>> only(Task<Result<List>> whole, std::vector<Item> List::* member) {
    auto list = co_await whole;
    if (list.has_error()) co_return list.error();
    co_return std::move((*list).*member);
}

/// Notes what calls need to know of the tools, and leaves out those that must not be used: over modern HTTP, the
/// ones whose header annotations are wrong (*Streamable HTTP*, custom headers).
Task<Result<std::vector<Tool>>> remembering(std::shared_ptr<ClientContext> context,
                                            std::shared_ptr<const SessionFacts> facts,
                                            Task<Result<std::vector<Tool>>> listing) {
    auto tools = co_await listing;
    if (tools.has_error()) co_return tools;
    context->tools().learn(*tools);
    if (!facts || !facts->carries_headers) co_return tools;
    std::erase_if(*tools, [&](const Tool& tool) {
        const ToolFacts* known = context->tools().find(tool.name);
        if (known == nullptr || known->rejected.empty()) return false;
        context->report_oddity("tool_rejected", tool.name.substr(0, 100) + ": " + known->rejected);
        return true;
    });
    co_return tools;
}

/// Told to the server once, remembered for its successors when it agreed.
Task<Result<void>> subscribe_by_request(std::shared_ptr<ClientContext> context, Caller& caller, std::string uri,
                                        bool wanted) {
    auto& wishes = context->wishes().resources;
    if (!wanted) {
        wishes.erase(uri);
        auto done = co_await unsubscribe_resource(caller, std::move(uri), CallOptions());
        co_return done;
    }
    if (wishes.size() >= StandingWishes::most_resources) {
        co_return Error(ErrorKind::queue_full, "1000 resources are subscribed to already");
    }
    auto done = co_await subscribe_resource(caller, uri, CallOptions());
    if (done) context->wishes().resources.insert(std::move(uri));
    co_return done;
}

/// The modern era: the one listen request says it all. Without a session the next one will.
Task<Result<void>> subscribe_by_listening(std::shared_ptr<ClientContext> context, std::string uri, bool wanted,
                                          TimePoint deadline) {
    auto& wishes = context->wishes().resources;
    if (wanted && wishes.size() >= StandingWishes::most_resources) {
        co_return Error(ErrorKind::queue_full, "1000 resources are subscribed to already");
    }
    const bool changed = wanted ? wishes.insert(uri).second : wishes.erase(uri) != 0;
    auto session = context->session();
    if (!changed || !session || session->lost()) co_return Result<void>();
    auto heard = co_await session->listen_anew(deadline);
    if (heard.has_error() && wanted) context->wishes().resources.erase(uri);
    co_return heard;
}

Task<Result<void>> wish_log_level(std::shared_ptr<ClientContext> context, Caller& caller, LogLevel level,
                                  bool by_request) {
    if (by_request) {
        auto done = co_await set_log_level(caller, level, CallOptions());
        if (done.has_error()) co_return done;
    }
    context->wishes().log_level = level;
    co_return Result<void>();
}

/// A tool's answer, held against what its list entry promises.
Task<Result<CallToolResult>> checked_call(std::shared_ptr<ClientContext> context, Caller& caller, std::string name,
                                          RawJson arguments, CallOptions options) {
    auto result = co_await mcp::call_tool(caller, name, std::move(arguments), std::move(options));
    if (result.has_error() || !context->options().check_structured_output) co_return result;
    if (auto problem = context->tools().check_output(name, *result)) {
        auto& details = problem->edit();
        details.server = context->server();
        details.operation = "tools/call " + name;
        details.peer_text = result->raw.text().substr(0, 4096);
        co_return *problem;
    }
    co_return result;
}

void check_time(const std::optional<Seconds>& time, const char* name) {
    if (time && !(time->count() >= 0)) {
        throw std::invalid_argument(std::string(name) + " must not be negative or NaN");
    }
}

void check(const CallOptions& options) {
    check_time(options.timeout, "CallOptions::timeout");
    check_time(options.max_total_timeout, "CallOptions::max_total_timeout");
    if (options.max_attempts < 1 || options.max_attempts > 10) {
        throw std::invalid_argument("CallOptions::max_attempts must be 1 to 10");
    }
}

}  // namespace

MCPClient::MCPClient(std::shared_ptr<ClientContext> context, std::shared_ptr<Caller> caller)
    : context_(std::move(context)), caller_(std::move(caller)) {}
MCPClient::~MCPClient() = default;

Async<std::vector<Tool>> MCPClient::list_tools(bool use_cache) {
    auto agreed = facts();
    return run_call<std::vector<Tool>>(
        context_, caller_, agreed, use_cache, [context = context_, agreed](Caller& caller) {
            return remembering(context, agreed, only(mcp::list_tools(caller, CallOptions()), &ListToolsResult::tools));
        });
}

Async<CallToolResult> MCPClient::call_tool(std::string name, json::object arguments, CallOptions options) {
    return call_tool_with_text(std::move(name), RawJson(json::serialize(arguments)), std::move(options));
}

Async<CallToolResult> MCPClient::call_tool_with_text(std::string name, RawJson arguments, CallOptions options) {
    check(options);
    return run_call<CallToolResult>(
        context_, caller_, nullptr, false,
        [context = context_, name = std::move(name), arguments = std::move(arguments),
         options = std::move(options)](Caller& caller) mutable {
            const ToolFacts* facts = context->tools().find(name);
            const bool promises = facts != nullptr && !facts->output_schema.empty();
            if (!promises) return mcp::call_tool(caller, std::move(name), std::move(arguments), std::move(options));
            return checked_call(std::move(context), caller, std::move(name), std::move(arguments), std::move(options));
        });
}

Async<std::vector<Resource>> MCPClient::list_resources(bool use_cache) {
    return run_call<std::vector<Resource>>(context_, caller_, facts(), use_cache, [](Caller& caller) {
        return only(mcp::list_resources(caller, CallOptions()), &ListResourcesResult::resources);
    });
}

Async<std::vector<ResourceTemplate>> MCPClient::list_resource_templates(bool use_cache) {
    return run_call<std::vector<ResourceTemplate>>(context_, caller_, facts(), use_cache, [](Caller& caller) {
        return only(mcp::list_resource_templates(caller, CallOptions()),
                    &ListResourceTemplatesResult::resource_templates);
    });
}

Async<ReadResourceResult> MCPClient::read_resource(std::string uri, CallOptions options) {
    check(options);
    return run_call<ReadResourceResult>(context_, caller_, nullptr, false,
                                        [uri = std::move(uri), options = std::move(options)](Caller& caller) mutable {
                                            return mcp::read_resource(caller, std::move(uri), std::move(options));
                                        });
}

Async<void> MCPClient::subscribe_resource(std::string uri) { return change_subscription(std::move(uri), true); }

Async<void> MCPClient::unsubscribe_resource(std::string uri) { return change_subscription(std::move(uri), false); }

Async<void> MCPClient::change_subscription(std::string uri, bool wanted) {
    auto agreed = facts();
    if (!agreed || agreed->era == Era::legacy) {
        return run_call<void>(context_, caller_, nullptr, false,
                              [context = context_, uri = std::move(uri), wanted](Caller& caller) mutable {
                                  return subscribe_by_request(std::move(context), caller, std::move(uri), wanted);
                              });
    }
    const TimePoint deadline =
        saturating_add(context_->runtime().loop().now(), to_duration(context_->options().request_timeout));
    return start<void>(context_->runtime().loop(), subscribe_by_listening(context_, std::move(uri), wanted, deadline));
}

Async<std::vector<Prompt>> MCPClient::list_prompts(bool use_cache) {
    return run_call<std::vector<Prompt>>(context_, caller_, facts(), use_cache, [](Caller& caller) {
        return only(mcp::list_prompts(caller, CallOptions()), &ListPromptsResult::prompts);
    });
}

Async<GetPromptResult> MCPClient::get_prompt(std::string name, json::object arguments, CallOptions options) {
    check(options);
    return run_call<GetPromptResult>(context_, caller_, nullptr, false,
                                     [name = std::move(name), arguments = std::move(arguments),
                                      options = std::move(options)](Caller& caller) mutable {
                                         return mcp::get_prompt(caller, std::move(name), std::move(arguments),
                                                                std::move(options));
                                     });
}

Async<CompleteResult> MCPClient::complete(CompleteRequest request, CallOptions options) {
    check(options);
    return run_call<CompleteResult>(
        context_, caller_, nullptr, false,
        [request = std::move(request), options = std::move(options)](Caller& caller) mutable {
            return mcp::complete(caller, std::move(request), std::move(options));
        });
}

Async<void> MCPClient::set_log_level(LogLevel level) {
    auto agreed = facts();
    const bool by_request = !agreed || agreed->era == Era::legacy;
    return run_call<void>(context_, caller_, nullptr, false, [context = context_, level, by_request](Caller& caller) {
        return wish_log_level(context, caller, level, by_request);
    });
}

Async<Duration> MCPClient::ping(Seconds timeout) {
    check_time(timeout, "ping timeout");
    return start<Duration>(context_->runtime().loop(), probe(to_duration(timeout)));
}

Async<Reply> MCPClient::call(std::string method, RawJson params, CallOptions options) {
    check(options);
    return run_call<Reply>(
        context_, caller_, nullptr, false,
        [method = std::move(method), params = std::move(params), options = std::move(options)](Caller& caller) mutable {
            return mcp::raw_request(caller, std::move(method), std::move(params), std::move(options));
        });
}

std::uint64_t MCPClient::add_notification_handler(std::string method, NotificationHandler handler) {
    return context_->add_handler(std::move(method), std::move(handler));
}

const std::shared_ptr<Runtime>& MCPClient::runtime() const noexcept { return context_->shared_runtime(); }

void MCPClient::remove_notification_handler(std::uint64_t id) { context_->remove_handler(id); }

Async<std::shared_ptr<MCPClient>> MCPClient::open(const MCPTransport& transport, ClientOptions options, Seconds timeout,
                                                  std::shared_ptr<Runtime> runtime) {
    check_time(timeout, "timeout");
    if (!runtime) runtime = Runtime::shared();
    Loop& loop = runtime->loop();
    auto context = std::make_shared<ClientContext>(std::move(runtime), transport.describe(), std::move(options));
    return start<std::shared_ptr<MCPClient>>(loop, open_bare_client(std::move(context), transport.clone(), timeout));
}

}  // namespace haive::mcp
