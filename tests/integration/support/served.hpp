#pragma once

#include "haive/mcp/client.hpp"
#include "integration/support/event_log.hpp"
#include "integration/support/eventually.hpp"
#include "integration/support/processes.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp::testing {

using Args = std::vector<std::string>;

/// The lines that a server wrote to stderr, and a wait for one.
class StderrLines {
public:
    void add(std::string_view line) {
        std::lock_guard lock(mutex_);
        lines_.emplace_back(line);
        changed_.notify_all();
    }
    /// The number behind `word ` on a line of its own (`child 123`); 0 when it does not come.
    pid_t number_after(const std::string& word, std::chrono::milliseconds limit = 10s) {
        pid_t number = 0;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, limit, [&] {
            for (const auto& line : lines_) {
                if (line.starts_with(word + " ")) number = std::atoi(line.c_str() + word.size() + 1);
            }
            return number != 0;
        });
        return number;
    }
    [[nodiscard]] std::vector<std::string> all() const {
        std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

/// Options for tests that do not care: heal at once, without chance.
inline ConnectionOptions quick() {
    ConnectionOptions options;
    options.reconnect_delay = Seconds(0.02);
    options.max_reconnect_delay = Seconds(0.1);
    options.jitter = 0;
    return options;
}

/// A connection to a real child (the built-in server unless told otherwise), and all that it tells.
class Served {
public:
    explicit Served(Args args = {}, StdioOptions stdio = StdioOptions(), ConnectionOptions options = quick(),
                    std::string command = HAIVE_TEST_SERVER)
        : lines(std::make_shared<StderrLines>()),
          log(std::make_shared<EventLog>()),
          connection("served", StdioTransport(std::move(command), std::move(args), listening(std::move(stdio), lines)),
                     std::move(options)) {
        connection.set_event_listener([log = log](const Event& event) { log->add(event); });
    }

    std::shared_ptr<MCPClient> connect() { return connection.connect().get(); }
    [[nodiscard]] pid_t pid() const {
        const auto info = connection.get_info();
        const auto* pid = info.metadata.if_contains("pid");
        return pid == nullptr ? 0 : static_cast<pid_t>(pid->to_number<std::int64_t>());
    }
    [[nodiscard]] std::uint64_t generation() const {
        return connection.get_info().metadata.at("generation").to_number<std::uint64_t>();
    }
    [[nodiscard]] std::string phase() const {
        return std::string(connection.get_info().metadata.at("phase").as_string());
    }
    /// A counter of `get_info().metadata`; 0 when it is not there.
    [[nodiscard]] std::uint64_t counter(const char* name) const {
        const auto info = connection.get_info();
        const auto* value = info.metadata.if_contains(name);
        return value == nullptr ? 0 : value->to_number<std::uint64_t>();
    }
    /// The text of a tool's answer.
    std::string text(const std::string& tool, json::object arguments = {}, CallOptions options = CallOptions()) {
        return connection.get_client()->call_tool(tool, std::move(arguments), std::move(options)).get().text();
    }
    json::object object(const std::string& tool, json::object arguments = {}) {
        return parse_json(text(tool, std::move(arguments))).value().as_object();
    }

    std::shared_ptr<StderrLines> lines;
    std::shared_ptr<EventLog> log;
    MCPConnection connection;

private:
    static StdioOptions listening(StdioOptions options, const std::shared_ptr<StderrLines>& lines) {
        if (!options.on_stderr_line) options.on_stderr_line = [lines](std::string_view line) { lines->add(line); };
        return options;
    }
};

inline CallOptions within(Seconds timeout) {
    CallOptions options;
    options.timeout = timeout;
    return options;
}

/// Patience that suits a test of stubborn servers.
inline StdioOptions impatient(std::chrono::milliseconds term_after = 100ms,
                              std::chrono::milliseconds kill_after = 100ms) {
    StdioOptions options;
    options.term_after = term_after;
    options.kill_after = kill_after;
    return options;
}

}  // namespace haive::mcp::testing
