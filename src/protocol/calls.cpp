#include "haive/mcp/protocol/calls.hpp"

#include "haive/mcp/protocol/error_codes.hpp"
#include "protocol/call_tool_result.hpp"
#include "protocol/request_codec.hpp"

#include <algorithm>
#include <functional>

namespace haive::mcp {

namespace {

Request make_request(std::string_view method, std::string params, CallOptions options) {
    Request request;
    request.method = method;
    request.params = std::move(params);
    request.options = std::move(options);
    return request;
}

Error with_operation(Error error, std::string_view method, const std::string& name) {
    error.edit().operation = std::string(method) + (name.empty() ? "" : ' ' + name);
    return error;
}

/// What was read of an answer; an unusable one says what had been asked.
template <class T>
Result<T> read_or_say(Result<T> parsed, Duration elapsed, std::string_view method, const std::string& name) {
    if (parsed.has_value()) return parsed;
    Error error = with_operation(parsed.error(), method, name);
    error.edit().elapsed = elapsed;
    return error;
}

template <class T>
Result<T> finish(const Result<Reply>& reply, Result<T> (*parse)(std::string_view), std::string_view method,
                 const std::string& name) {
    if (reply.has_error()) return reply.error();
    return read_or_say(parse(reply->result.text()), reply->elapsed, method, name);
}

Result<CallToolResult> finish_call_tool(Result<Reply>& reply, const std::string& name) {
    if (reply.has_error()) return reply.error();
    return read_or_say(take_call_tool_result(std::move(reply->result)), reply->elapsed, "tools/call", name);
}

std::string cursor_params(const std::optional<std::string>& cursor) {
    return cursor ? single_member("cursor", *cursor) : std::string();
}

/// One kind of list: how it is asked for, read, and where its items are.
template <class List, class Item>
struct Paged {
    std::string_view method;
    Result<List> (*parse)(std::string_view);
    std::vector<Item> List::* items;
};

constexpr Paged<ListToolsResult, Tool> tool_pages{"tools/list", parse_list_tools_result, &ListToolsResult::tools};
constexpr Paged<ListResourcesResult, Resource> resource_pages{"resources/list", parse_list_resources_result,
                                                              &ListResourcesResult::resources};
constexpr Paged<ListResourceTemplatesResult, ResourceTemplate> template_pages{
    "resources/templates/list", parse_list_resource_templates_result, &ListResourceTemplatesResult::resource_templates};
constexpr Paged<ListPromptsResult, Prompt> prompt_pages{"prompts/list", parse_list_prompts_result,
                                                        &ListPromptsResult::prompts};

/// The whole list holds as long as its shortest-lived page, and is as private as its most private one.
void merge_hints(CacheHints& whole, const CacheHints& page) {
    if (!page.ttl || !whole.ttl) {
        whole.ttl.reset();
    } else {
        whole.ttl = std::min(*whole.ttl, *page.ttl);
    }
    if (page.scope == CacheScope::private_scope) whole.scope = CacheScope::private_scope;
}

/// Puts pages together and says when to stop.
template <class List, class Item>
class PageCollector {
public:
    explicit PageCollector(std::vector<Item> List::* items) : items_(items) {}

    /// True when `next_cursor()` is to be asked for.
    bool add(List page) {
        auto& items = page.*items_;
        if (!items.empty() && is_repeated(items)) {
            whole_.next_cursor.reset();
            return false;
        }
        std::optional<std::string> next = std::move(page.next_cursor);
        page.next_cursor.reset();
        if (pages_++ == 0) {
            whole_ = std::move(page);
            entries_ = (whole_.*items_).size() + whole_.skipped.size();
        } else {
            append(page);
        }
        if (next && std::ranges::find(cursors_, *next) != cursors_.end()) next.reset();
        if (next) cursors_.push_back(*next);
        whole_.next_cursor = std::move(next);
        return whole_.next_cursor.has_value() && pages_ < max_list_pages;
    }
    [[nodiscard]] const std::optional<std::string>& next_cursor() const noexcept { return whole_.next_cursor; }
    /// Some servers send "" for "no more" and then refuse it: what was read is the whole list.
    bool is_end(const Error& error) const noexcept {
        return whole_.next_cursor == std::string() && error.kind() == ErrorKind::rpc_error &&
               error.details().rpc_code == rpc_code::invalid_params;
    }
    List take() { return std::move(whole_); }
    List take_complete() {
        whole_.next_cursor.reset();
        return take();
    }

private:
    bool is_repeated(const std::vector<Item>& items) {
        std::size_t print = items.size();
        for (const Item& item : items) print = print * 31 + std::hash<std::string>()(item.raw.text());
        if (std::ranges::find(prints_, print) != prints_.end()) return true;
        prints_.push_back(print);
        return false;
    }
    void append(List& page) {
        auto& items = page.*items_;
        auto& all = whole_.*items_;
        for (SkippedItem& item : page.skipped) item.index += entries_;
        entries_ += items.size() + page.skipped.size();
        std::ranges::move(items, std::back_inserter(all));
        std::ranges::move(page.skipped, std::back_inserter(whole_.skipped));
        merge_hints(whole_.cache, page.cache);
    }

    std::vector<Item> List::* items_;
    List whole_;
    int pages_ = 0;
    std::size_t entries_ = 0;
    std::vector<std::string> cursors_;
    std::vector<std::size_t> prints_;  // of the items of each page
};

template <class List, class Item>
Task<Result<List>> list_page(Caller& caller, Paged<List, Item> kind, std::optional<std::string> cursor,
                             CallOptions options) {
    Request request = make_request(kind.method, cursor_params(cursor), std::move(options));
    auto reply = co_await caller.call(std::move(request));
    co_return finish(reply, kind.parse, kind.method, std::string());
}

template <class List, class Item>
Task<Result<List>> list_all(Caller& caller, Paged<List, Item> kind, CallOptions options) {
    PageCollector<List, Item> pages(kind.items);
    for (;;) {
        Request request = make_request(kind.method, cursor_params(pages.next_cursor()), options);
        auto reply = co_await caller.call(std::move(request));
        if (reply.has_error()) {
            if (pages.is_end(reply.error())) co_return pages.take_complete();
            co_return reply.error();
        }
        auto page = finish(reply, kind.parse, kind.method, std::string());
        if (page.has_error()) co_return page.error();
        if (!pages.add(std::move(*page))) co_return pages.take();
        if (options.max_total_timeout) {  // the pages share it
            const Seconds left = *options.max_total_timeout - Seconds(reply->elapsed);
            options.max_total_timeout = std::max(left, Seconds(0));
        }
    }
}

/// A request whose answer says nothing but "done".
Task<Result<void>> command(Caller& caller, Request request) {
    auto reply = co_await caller.call(std::move(request));
    if (reply.has_error()) co_return reply.error();
    co_return Result<void>();
}

Request resource_request(std::string_view method, std::string uri, CallOptions options) {
    Request request = make_request(method, single_member("uri", uri), std::move(options));
    request.name = std::move(uri);
    return request;
}

}  // namespace

Task<Result<ListToolsResult>> list_tools(Caller& caller, CallOptions options) {
    return list_all(caller, tool_pages, std::move(options));
}

Task<Result<ListToolsResult>> list_tools_page(Caller& caller, std::optional<std::string> cursor, CallOptions options) {
    return list_page(caller, tool_pages, std::move(cursor), std::move(options));
}

Task<Result<ListResourcesResult>> list_resources(Caller& caller, CallOptions options) {
    return list_all(caller, resource_pages, std::move(options));
}

Task<Result<ListResourceTemplatesResult>> list_resource_templates(Caller& caller, CallOptions options) {
    return list_all(caller, template_pages, std::move(options));
}

Task<Result<ListPromptsResult>> list_prompts(Caller& caller, CallOptions options) {
    return list_all(caller, prompt_pages, std::move(options));
}

Task<Result<CallToolResult>> call_tool(Caller& caller, std::string name, json::object arguments, CallOptions options) {
    Request request = make_request("tools/call", begin_named_params(name), std::move(options));
    request.name = name;
    request.params += R"(,"arguments":)";
    if (auto error = append_object(request.params, arguments, "the arguments")) {
        co_return with_operation(std::move(*error), request.method, name);
    }
    request.params += '}';
    auto reply = co_await caller.call(std::move(request));
    co_return finish_call_tool(reply, name);
}

Task<Result<CallToolResult>> call_tool(Caller& caller, std::string name, RawJson arguments, CallOptions options) {
    Request request = make_request("tools/call", begin_named_params(name, arguments.text().size()), std::move(options));
    request.name = name;
    request.params += R"(,"arguments":)";
    if (auto error = append_object_text(request.params, arguments.text(), "the arguments")) {
        co_return with_operation(std::move(*error), request.method, name);
    }
    request.params += '}';
    auto reply = co_await caller.call(std::move(request));
    co_return finish_call_tool(reply, name);
}

Task<Result<ReadResourceResult>> read_resource(Caller& caller, std::string uri, CallOptions options) {
    Request request = resource_request("resources/read", uri, std::move(options));
    auto reply = co_await caller.call(std::move(request));
    co_return finish(reply, parse_read_resource_result, "resources/read", uri);
}

Task<Result<void>> subscribe_resource(Caller& caller, std::string uri, CallOptions options) {
    return command(caller, resource_request("resources/subscribe", std::move(uri), std::move(options)));
}

Task<Result<void>> unsubscribe_resource(Caller& caller, std::string uri, CallOptions options) {
    return command(caller, resource_request("resources/unsubscribe", std::move(uri), std::move(options)));
}

Task<Result<GetPromptResult>> get_prompt(Caller& caller, std::string name, json::object arguments,
                                         CallOptions options) {
    Request request = make_request("prompts/get", begin_named_params(name), std::move(options));
    request.name = name;
    if (!arguments.empty()) {
        const json::object texts = only_strings(std::move(arguments));
        request.params += R"(,"arguments":)";
        if (auto error = append_object(request.params, texts, "the arguments")) {
            co_return with_operation(std::move(*error), request.method, name);
        }
    }
    request.params += '}';
    auto reply = co_await caller.call(std::move(request));
    co_return finish(reply, parse_get_prompt_result, "prompts/get", name);
}

Task<Result<CompleteResult>> complete(Caller& caller, CompleteRequest wanted, CallOptions options) {
    Request request = make_request("completion/complete", to_json(wanted).text(), std::move(options));
    request.name = wanted.reference;
    auto reply = co_await caller.call(std::move(request));
    co_return finish(reply, parse_complete_result, "completion/complete", wanted.reference);
}

Task<Result<void>> set_log_level(Caller& caller, LogLevel level, CallOptions options) {
    return command(caller,
                   make_request("logging/setLevel", single_member("level", to_string(level)), std::move(options)));
}

Task<Result<Duration>> ping(Caller& caller, CallOptions options) {
    Request request = make_request("ping", std::string(), std::move(options));
    auto reply = co_await caller.call(std::move(request));
    if (reply.has_error()) co_return reply.error();
    co_return reply->elapsed;
}

Task<Result<Reply>> raw_request(Caller& caller, std::string method, RawJson params, CallOptions options) {
    Request request = make_request(method, std::string(), std::move(options));
    if (auto error = take_raw_params(request, params.text())) {
        co_return with_operation(std::move(*error), method, request.name);
    }
    auto reply = co_await caller.call(std::move(request));
    co_return reply;
}

}  // namespace haive::mcp
