#pragma once

#include "client/catalogue_cache.hpp"
#include "client/standing_wishes.hpp"
#include "client/tool_book.hpp"
#include "haive/mcp/client/client_options.hpp"
#include "haive/mcp/transport/runtime.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace haive::mcp {

class ClientSession;

/// What one client keeps across generations of its connection: options, handlers, roots, the catalogue.
/// Sessions come and go and refer to it. Handlers may be added from any thread.
class ClientContext : public std::enable_shared_from_this<ClientContext> {
public:
    ClientContext(std::shared_ptr<Runtime> runtime, std::string server, ClientOptions options);

    [[nodiscard]] Runtime& runtime() noexcept { return *runtime_; }
    [[nodiscard]] const std::shared_ptr<Runtime>& shared_runtime() const noexcept { return runtime_; }
    [[nodiscard]] const std::string& server() const noexcept { return server_; }
    [[nodiscard]] const ClientOptions& options() const noexcept { return options_; }
    [[nodiscard]] CatalogueCache& catalogue() noexcept { return catalogue_; }

    /// `clientInfo` and `capabilities` as JSON text.
    [[nodiscard]] std::string client_info() const;
    [[nodiscard]] std::string capabilities() const;

    /// Loop thread.
    [[nodiscard]] ToolBook& tools() noexcept { return tools_; }

    /// Loop thread.
    [[nodiscard]] StandingWishes& wishes() noexcept { return wishes_; }
    /// The session that was agreed last, if it still lives. Loop thread.
    [[nodiscard]] std::shared_ptr<ClientSession> session() const noexcept { return session_.lock(); }
    /// Whether there was one before: what it would have announced may have been missed. Loop thread.
    bool set_session(std::weak_ptr<ClientSession> session) noexcept {
        session_ = std::move(session);
        return std::exchange(had_session_, true);
    }

    [[nodiscard]] std::vector<ClientRoot> roots() const;
    void set_roots(std::vector<ClientRoot> roots);
    /// The answer to `roots/list`.
    [[nodiscard]] RawJson roots_result() const;

    /// A page was opened under this id; its end may be announced once. Loop thread.
    void expect_elicitation(std::string id);
    [[nodiscard]] bool take_elicitation(std::string_view id);
    /// The server asks the program for something: tells listeners. Loop thread.
    void report_oddity(std::string_view kind, std::string text) noexcept;
    void announce_question(std::string_view method) noexcept;

    std::uint64_t add_handler(std::string method, NotificationHandler handler);
    void remove_handler(std::uint64_t id);
    /// Queues a notification for its handlers; they run off the read path. Loop thread.
    void notify(std::string_view method, std::string_view params);
    /// Runs `work` where handlers run.
    void run_handler(UniqueFunction<void()> work);

    /// Stamps an event and hands it to the runtime's sink and to the connection's own listener.
    void emit(Event event) noexcept;
    void set_event_listener(std::function<void(const Event&)> listener);

private:
    struct Queued {
        std::string method;
        RawJson params;
    };
    /// Who wants to hear of what, and what waits for them.
    struct Notifications {
        std::map<std::uint64_t, std::pair<std::string, std::shared_ptr<NotificationHandler>>> handlers;
        std::uint64_t next_handler = 1;
        std::vector<Queued> queue;  // taken whole by whoever delivers
        std::uint64_t dropped = 0;
        bool delivery_posted = false;
    };
    void deliver_notifications();
    [[nodiscard]] std::vector<std::shared_ptr<NotificationHandler>> handlers_of(std::string_view method) const;
    void report_handler(std::string_view method, std::string_view text) noexcept;

    const std::shared_ptr<Runtime> runtime_;
    const std::string server_;
    const ClientOptions options_;
    CatalogueCache catalogue_;
    ToolBook tools_;
    StandingWishes wishes_;
    std::weak_ptr<ClientSession> session_;
    bool had_session_ = false;
    std::vector<std::string> elicitations_;  // ids, oldest first

    mutable std::mutex mutex_;  // guards the rest; never held while foreign code runs
    std::vector<ClientRoot> roots_;
    std::unique_ptr<Notifications> notifications_;  // made for the first handler
    std::shared_ptr<std::function<void(const Event&)>> listener_;
};

}  // namespace haive::mcp
