#include "client/client_context.hpp"

#include "haive/mcp/base/clock.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr std::size_t max_queued_notifications = 1024;

std::string client_info_text(const ClientOptions& options) {
    std::string out = R"({"name":)";
    append_json_string(out, options.name);
    if (!options.title.empty()) {
        out += ",\"title\":";
        append_json_string(out, options.title);
    }
    out += ",\"version\":";
    append_json_string(out, options.version);
    out += '}';
    return out;
}

std::string capabilities_text(const ClientOptions& options) {
    std::string out = R"({"roots":{"listChanged":true})";
    if (options.on_sampling) out += R"(,"sampling":{})";
    if (options.on_elicitation) out += R"(,"elicitation":{})";
    out += '}';
    return out;
}

}  // namespace

ClientContext::ClientContext(std::shared_ptr<Runtime> runtime, std::string server, ClientOptions options)
    : runtime_(std::move(runtime)),
      server_(std::move(server)),
      options_(std::move(options)),
      client_info_(client_info_text(options_)),
      capabilities_(capabilities_text(options_)),
      roots_(options_.roots) {}

std::vector<ClientRoot> ClientContext::roots() const {
    std::lock_guard lock(mutex_);
    return roots_;
}

void ClientContext::set_roots(std::vector<ClientRoot> roots) {
    std::lock_guard lock(mutex_);
    roots_ = std::move(roots);
}

std::uint64_t ClientContext::add_handler(std::string method, NotificationHandler handler) {
    std::lock_guard lock(mutex_);
    const std::uint64_t id = next_handler_++;
    handlers_.emplace(id, std::pair(std::move(method), std::make_shared<NotificationHandler>(std::move(handler))));
    return id;
}

void ClientContext::remove_handler(std::uint64_t id) {
    std::shared_ptr<NotificationHandler> last_use;  // destroyed outside the lock
    std::lock_guard lock(mutex_);
    if (auto it = handlers_.find(id); it != handlers_.end()) {
        last_use = std::move(it->second.second);
        handlers_.erase(it);
    }
}

void ClientContext::notify(std::string_view method, std::string_view params) {
    {
        std::lock_guard lock(mutex_);
        const bool wanted = std::ranges::any_of(handlers_, [&](const auto& h) { return h.second.first == method; });
        if (!wanted) return;
        // A list_changed that is still queued says it already.
        const bool repeatable = method.ends_with("/list_changed");
        if (repeatable && std::ranges::any_of(queue_, [&](const Queued& q) { return q.method == method; })) return;
        if (queue_.size() >= max_queued_notifications) {
            queue_.pop_front();
            ++dropped_;
        }
        queue_.push_back(Queued{std::string(method), RawJson(params.empty() ? "{}" : std::string(params))});
        if (std::exchange(delivery_posted_, true)) return;
    }
    run_handler([self = shared_from_this()] { self->deliver_notifications(); });
}

void ClientContext::run_handler(UniqueFunction<void()> work) {
    if (options_.handler_executor) {
        options_.handler_executor(std::move(work));
    } else {
        runtime_->loop().post(std::move(work));
    }
}

void ClientContext::deliver_notifications() {
    for (;;) {
        Queued next;
        std::vector<std::shared_ptr<NotificationHandler>> handlers;
        {
            std::lock_guard lock(mutex_);
            if (queue_.empty()) {
                delivery_posted_ = false;
                return;
            }
            next = std::move(queue_.front());
            queue_.pop_front();
            for (const auto& [id, handler] : handlers_) {
                if (handler.first == next.method) handlers.push_back(handler.second);
            }
        }
        for (const auto& handler : handlers) (*handler)(next.params);
    }
}

void ClientContext::emit(Event event) noexcept {
    event.server = server_;
    event.time = runtime_->loop().now();
    event.wall_time = wall_clock_now();
    runtime_->emit(event);
    std::shared_ptr<std::function<void(const Event&)>> listener;
    {
        std::lock_guard lock(mutex_);
        listener = listener_;
    }
    if (listener) (*listener)(event);
}

void ClientContext::set_event_listener(std::function<void(const Event&)> listener) {
    auto next = listener ? std::make_shared<std::function<void(const Event&)>>(std::move(listener)) : nullptr;
    std::lock_guard lock(mutex_);
    listener_.swap(next);
}

}  // namespace haive::mcp
