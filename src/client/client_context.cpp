#include "client/client_context.hpp"

#include "haive/mcp/base/clock.hpp"
#include "haive/mcp/protocol/capabilities.hpp"
#include "haive/mcp/protocol/roots.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr std::size_t max_queued_notifications = 1024;
constexpr std::size_t most_elicitations = 64;

}  // namespace

ClientContext::ClientContext(std::shared_ptr<Runtime> runtime, std::string server, ClientOptions options)
    : runtime_(std::move(runtime)), server_(std::move(server)), options_(std::move(options)), roots_(options_.roots) {}

std::string ClientContext::client_info() const {
    std::string out = R"({"name":)";
    append_json_string(out, options_.name);
    if (!options_.title.empty()) {
        out += ",\"title\":";
        append_json_string(out, options_.title);
    }
    out += ",\"version\":";
    append_json_string(out, options_.version);
    out += '}';
    return out;
}

std::string ClientContext::capabilities() const {
    ClientCapabilities offered;
    offered.roots = offered.roots_list_changed = true;
    offered.sampling = static_cast<bool>(options_.on_sampling);
    offered.sampling_tools = offered.sampling && options_.offer_sampling_tools;
    offered.elicitation = static_cast<bool>(options_.on_elicitation);
    // `{}` means forms only, to every revision; pages have to be named, and forms beside them.
    offered.elicitation_form = offered.elicitation_url = offered.elicitation && options_.offer_url_elicitation;
    if (options_.follow_tasks) offered.extensions = RawJson(R"({"io.modelcontextprotocol/tasks":{}})");
    return std::string(to_json(offered).text());
}

std::vector<ClientRoot> ClientContext::roots() const {
    std::lock_guard lock(mutex_);
    return roots_;
}

void ClientContext::set_roots(std::vector<ClientRoot> roots) {
    std::lock_guard lock(mutex_);
    roots_ = std::move(roots);
}

RawJson ClientContext::roots_result() const {
    std::vector<Root> out;
    for (const ClientRoot& root : roots()) {
        Root& next = out.emplace_back();
        next.uri = root.uri;
        next.name = root.name;
    }
    return to_list_roots_result(out);
}

void ClientContext::expect_elicitation(std::string id) {
    if (id.empty()) return;
    if (elicitations_.size() >= most_elicitations) elicitations_.erase(elicitations_.begin());
    elicitations_.push_back(std::move(id));
}

bool ClientContext::take_elicitation(std::string_view id) { return std::erase(elicitations_, id) != 0; }

void ClientContext::announce_question(std::string_view method) noexcept {
    ServerRequestEvent asked;
    asked.method = method.substr(0, 100);
    Event event;
    event.what = asked;
    emit(std::move(event));
}

std::uint64_t ClientContext::add_handler(std::string method, NotificationHandler handler) {
    std::lock_guard lock(mutex_);
    if (!notifications_) notifications_ = std::make_unique<Notifications>();
    const std::uint64_t id = notifications_->next_handler++;
    notifications_->handlers.emplace(
        id, std::pair(std::move(method), std::make_shared<NotificationHandler>(std::move(handler))));
    return id;
}

void ClientContext::remove_handler(std::uint64_t id) {
    std::shared_ptr<NotificationHandler> last_use;  // destroyed outside the lock
    std::lock_guard lock(mutex_);
    if (!notifications_) return;
    auto& handlers = notifications_->handlers;
    if (auto it = handlers.find(id); it != handlers.end()) {
        last_use = std::move(it->second.second);
        handlers.erase(it);
    }
}

void ClientContext::notify(std::string_view method, std::string_view params) {
    {
        std::lock_guard lock(mutex_);
        if (!notifications_) return;
        auto& [handlers, next, queue, dropped, delivery_posted] = *notifications_;
        const bool wanted = std::ranges::any_of(handlers, [&](const auto& h) { return h.second.first == method; });
        if (!wanted) return;
        // A list_changed that is still queued says it already; it is never dropped.
        const bool change = method.ends_with("/list_changed");
        if (change && std::ranges::any_of(queue, [&](const Queued& q) { return q.method == method; })) return;
        if (!change && queue.size() >= max_queued_notifications) {
            ++dropped;
            return;
        }
        queue.push_back(Queued{std::string(method), RawJson(params.empty() ? "{}" : std::string(params))});
        if (std::exchange(delivery_posted, true)) return;
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

std::vector<std::shared_ptr<NotificationHandler>> ClientContext::handlers_of(std::string_view method) const {
    std::vector<std::shared_ptr<NotificationHandler>> found;
    std::lock_guard lock(mutex_);
    for (const auto& [id, handler] : notifications_->handlers) {
        if (handler.first == method) found.push_back(handler.second);
    }
    return found;
}

void ClientContext::deliver_notifications() {
    for (;;) {
        std::vector<Queued> batch;
        {
            std::lock_guard lock(mutex_);
            batch.swap(notifications_->queue);
            if (batch.empty()) {
                notifications_->delivery_posted = false;
                return;
            }
        }
        for (const Queued& next : batch) {
            for (const auto& handler : handlers_of(next.method)) {
                try {
                    (*handler)(next.params);
                } catch (const std::exception& thrown) {
                    report_handler(next.method, thrown.what());
                }
            }
        }
    }
}

/// A handler of the program's own threw: that must not end the loop, nor be hidden.
void ClientContext::report_handler(std::string_view method, std::string_view text) noexcept {
    // Where the program's executor runs handlers, this is not the loop's thread, and events come from nowhere else.
    runtime_->loop().dispatch([self = shared_from_this(), what = std::string(method) + ": " + std::string(text)] {
        self->report_oddity("handler_threw", what);
    });
}

void ClientContext::report_oddity(std::string_view kind, std::string text) noexcept {
    OddityEvent oddity;
    oddity.kind = kind;
    oddity.text = std::move(text);
    Event event;
    event.what = std::move(oddity);
    emit(std::move(event));
}

void ClientContext::emit(Event event) noexcept {
    event.server = server_;
    event.time = runtime_->loop().now();
    event.wall_time = wall_clock_now();
    runtime_->emit(event);
    // Asked for under the lock that is held while it runs: who takes it away waits for that, and what it used may go.
    const auto runtime = runtime_;  // the listener may end all else that holds it
    const auto listening = runtime->listening();
    std::shared_ptr<std::function<void(const Event&)>> listener;
    {
        std::lock_guard lock(mutex_);
        listener = listener_;
    }
    if (listener) (*listener)(event);
}

void ClientContext::set_event_listener(std::function<void(const Event&)> listener) {
    auto next = listener ? std::make_shared<std::function<void(const Event&)>>(std::move(listener)) : nullptr;
    {
        std::lock_guard lock(mutex_);
        listener_.swap(next);
    }
    if (next) runtime_->await_listeners();
}

}  // namespace haive::mcp
