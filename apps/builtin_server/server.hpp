#pragma once

#include "output.hpp"
#include "timers.hpp"
#include "tools.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
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
    [[nodiscard]] Timers& timers() noexcept { return timers_; }
    void finish(const ToolCall& call, json::object result);
    void refuse(const json::value& id, const Refusal& refusal);
    void notify(std::string_view method, json::object params);
    void send_progress(const ToolCall& call, double progress, double total);
    /// Asks the client something (legacy era); `then` gets the whole answer.
    void ask(std::string_view method, json::object params, std::function<void(const json::object&)> then);
    [[nodiscard]] bool is_cancelled(const json::value& id) const;
    void change_tools();
    [[nodiscard]] bool tools_changed() const noexcept { return tools_changed_; }
    [[nodiscard]] std::vector<std::string>& folders() noexcept { return folders_; }
    [[nodiscard]] bool client_has(std::string_view capability) const;

private:
    void on_line(std::string_view line);
    void on_request(const json::value& id, const std::string& method, const json::object& params);
    void on_notification(const std::string& method, const json::object& params);
    void on_answer(const json::object& message);
    void on_tool_call(const json::value& id, const json::object& params, bool modern);
    [[nodiscard]] json::object result_of(const std::string& method, const json::object& params, bool modern);
    [[nodiscard]] json::object initialize(const json::object& params);
    [[nodiscard]] json::object discover() const;
    void listen(const json::value& id, const json::object& params);
    void after_handshake();
    void answer(const json::value& id, json::object result, bool modern);
    void after_call();
    void take_serially();

    Switches switches_;
    std::vector<std::string> argv_;
    std::vector<std::string> folders_;
    Output out_;
    Timers timers_;
    std::string partial_;
    json::object client_capabilities_;
    std::map<std::string, std::function<void(const json::object&)>> asked_;
    std::set<std::string> cancelled_;
    std::vector<json::value> listeners_;
    std::vector<std::string> queue_;  // lines that wait while one call runs (--serial)
    int next_ask_ = 1;
    int calls_ = 0;
    int running_ = 0;
    bool tools_changed_ = false;
    bool mute_ = false;
    bool reading_ = true;
    bool fast_;
};

}  // namespace builtin
