#pragma once

#include "fast_echo.hpp"
#include "input.hpp"
#include "ledger.hpp"
#include "log_levels.hpp"
#include "output.hpp"
#include "replies.hpp"
#include "roots.hpp"
#include "timers.hpp"
#include "tools.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace builtin {

/// The conversation: reads lines, answers them, in whichever era the client speaks.
class Server {
public:
    Server(const Switches& switches, int argc, char** argv);
    /// Until the input ends. Gives the exit code.
    int run();

    // For the tools.
    [[nodiscard]] const Switches& switches() const noexcept { return switches_; }
    [[nodiscard]] const std::vector<std::string>& argv() const noexcept { return argv_; }
    [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }
    [[nodiscard]] Timers& timers() noexcept { return timers_; }
    /// The end of a call, now or after `--slow-answer`.
    void finish(const CallPtr& call, json::object result) { settle(call, std::move(result)); }
    void fail(const CallPtr& call, Refusal refusal) { settle(call, std::move(refusal)); }
    void send_progress(const ToolCall& call, double progress, double total);
    void log(const ToolCall& call, int level, const std::string& text);
    /// Asks the client something (legacy era); `then` gets the whole answer, with `result` or `error`.
    void ask(std::string_view method, json::object params, std::function<void(const json::object&)> then);
    void change_tools(const ToolCall& call);
    /// What the file tools may touch: as told on the command line, or the client's roots once it was asked.
    [[nodiscard]] std::vector<std::string>& folders() noexcept { return folders_; }
    [[nodiscard]] bool client_has(std::string_view capability) const;

private:
    using Outcome = std::variant<json::object, Refusal>;

    // server.cpp: lines and their kinds.
    void on_line(std::string_view line);
    void on_message(json::object message);
    void take(json::object message);
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
    void listen(const Request& request);

    // calls.cpp: what becomes of a call.
    void start_call(const Request& request);
    void settle(const CallPtr& call, Outcome outcome);
    void deliver(const CallPtr& call, Outcome outcome);
    void after_answer();

    const Switches switches_;
    const std::vector<std::string> argv_;
    Input in_;
    Output out_;
    Replies replies_;
    Timers timers_;
    Ledger ledger_;
    FastEcho fast_;

    std::vector<std::string> folders_;
    json::object client_capabilities_;
    std::map<std::string, std::function<void(const json::object&)>> asked_;  // our requests, by id
    std::map<std::string, CallPtr> running_;                                 // the client's calls, by id
    std::deque<json::object> queue_;                                         // what waits for them (--serial)
    std::map<std::string, json::value> listeners_;                           // who wants to hear of the tools
    int next_ask_ = 1;
    int started_ = 0;
    int answered_ = 0;
    int least_log_level_ = 0;
    bool tools_changed_ = false;
    bool last_was_modern_ = false;
    bool reading_ = true;
};

}  // namespace builtin
