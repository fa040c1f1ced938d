#pragma once

#include "log_levels.hpp"
#include "roots.hpp"
#include "tools.hpp"
#include "world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace builtin {

/// Something that a tool asks the client.
struct Question {
    std::string key;  // the tool's own name for it
    std::string method;
    json::object params;
};
/// Gets the whole answers, with `result` or `error`, by the questions' keys.
using Answers = std::function<void(const json::object& answers)>;

/// One client, as far as its messages hang together: a pipe, a session or, where the modern era comes over HTTP,
/// one request. Answers messages in whichever era the client speaks.
class Conversation : public std::enable_shared_from_this<Conversation> {
public:
    /// `general` takes what is said about no request of the client's.
    Conversation(World& world, OutletPtr general);
    ~Conversation();
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    /// What the client sent; what it causes goes to `to`. May wait for its turn (--serial).
    void on_message(json::object message, const OutletPtr& to);
    void take(json::object message, const OutletPtr& to);
    /// The client has gone: nothing is answered any more. Needed before the last owner lets go.
    void close();

    [[nodiscard]] bool runs_calls() const noexcept { return !running_.empty(); }
    [[nodiscard]] bool reading() const noexcept { return reading_; }
    [[nodiscard]] bool last_was_modern() const noexcept { return last_was_modern_; }
    [[nodiscard]] const std::string& version() const noexcept { return version_; }
    /// Ends what tells the client of changes: in order, with an answer to who listens, or `broken` off.
    void end_listening(bool broken);
    void list_changed(std::string_view list);
    void resource_updated(const std::string& uri);
    void task_changed(const std::string& id, const json::object& task);

    // For the tools.
    [[nodiscard]] World& world() noexcept { return world_; }
    [[nodiscard]] const Switches& switches() const noexcept { return world_.switches; }
    [[nodiscard]] Timers& timers() noexcept { return world_.timers; }
    /// The end of a call, now or after `--slow-answer`.
    void finish(const CallPtr& call, json::object result) { settle(call, std::move(result)); }
    void fail(const CallPtr& call, Refusal refusal) { settle(call, std::move(refusal)); }
    void send_progress(const ToolCall& call, double progress, double total, bool with_message = true);
    void log(const ToolCall& call, int level, const std::string& text);
    /// Asks the client. Legacy: by requests of ours. Modern: by a result that asks for input; the tool then runs
    /// anew with what was answered, so it must do nothing before it asks. `stateful`: even the first round hands
    /// the client a state to hand back.
    void ask(const CallPtr& call, std::vector<Question> questions, Answers then, bool stateful = false);
    /// One request of ours (legacy), whose whole answer `then` gets.
    void ask_one(Outlet& to, const Question& question, std::function<void(const json::object&)> then);
    /// The request is answered with a task; what the tool says from now on is the task's.
    void become_task(const CallPtr& call);
    /// Throws Refusal -32021 when the client did not say that it can.
    void require_capability(const ToolCall& call, const Question& question) const;
    [[nodiscard]] bool client_has(std::string_view capability) const;
    /// What the file tools may touch: as told on the command line, or the client's roots once it was asked.
    [[nodiscard]] std::vector<std::string>& folders() noexcept { return folders_; }

private:
    using Outcome = std::variant<json::object, Refusal>;
    struct Listener {
        json::value id;
        OutletPtr to;
        std::set<std::string, std::less<>> lists;
        std::set<std::string, std::less<>> resources;
        std::set<std::string, std::less<>> tasks;
    };

    // conversation.cpp: messages and their kinds.
    void on_notification(const std::string& method, const json::object& params);
    void on_answer(const json::object& message);
    void cancel(const json::value& id);

    // handshake.cpp: the eras.
    [[nodiscard]] bool speaks_modern(const std::string& method, const json::object& params) const;
    [[nodiscard]] json::object initialize(const json::object& params);
    [[nodiscard]] json::object discover() const;
    void after_handshake(bool modern);
    void demand_roots(bool modern);

    // requests.cpp: the methods.
    void on_request(const Request& request);
    [[nodiscard]] json::object result_of(const Request& request);
    [[nodiscard]] json::object legacy_result_of(const Request& request);

    // listening.cpp: who hears of changes.
    void listen(const Request& request);

    // calls.cpp: what becomes of a call.
    void start_call(const Request& request);
    [[nodiscard]] CallPtr new_call(const Request& request);
    void settle(const CallPtr& call, Outcome outcome);
    void deliver(const CallPtr& call, Outcome outcome);
    void after_answer();

    // questions.cpp: what is asked of the client.
    void take_answers(ToolCall& call, const json::object& params) const;
    void ask_by_result(const CallPtr& call, const std::vector<Question>& questions, const Answers& then, bool stateful);

    World& world_;
    const OutletPtr general_;
    std::vector<std::string> folders_;
    json::object client_capabilities_;
    std::string version_;
    std::map<std::string, std::function<void(const json::object&)>> asked_;  // our requests, by id
    std::map<std::string, CallPtr> running_;                                 // the client's calls, by id
    std::map<std::string, Listener> listeners_;
    std::set<std::string, std::less<>> subscriptions_;
    int next_ask_ = 1;
    int least_log_level_ = 0;
    bool spoke_legacy_ = false;
    bool last_was_modern_ = false;
    bool reading_ = true;
};

/// The envelope that every modern request carries. Throws Refusal when it is not in order.
void check_envelope(const json::object& meta);

inline constexpr std::string_view modern_version = "2026-07-28";
[[nodiscard]] bool is_legacy_version(std::string_view version);

}  // namespace builtin
