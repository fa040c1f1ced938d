#pragma once

#include <haive/mcp/manager/manager.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace haive::bench {

/// How the calls of a run ended. Calls may be made from one thread; they end on the loop's.
class CallCounts {
public:
    /// Calls `echo`. `text` comes back, or the call counts as wrong.
    void echo(mcp::MCPClient& client, const std::string& text);
    /// Calls `sleep`, so that what happens to the server happens to a call that is under way.
    void sleep(mcp::MCPClient& client, std::chrono::milliseconds time);

    [[nodiscard]] std::uint64_t made() const noexcept { return made_; }
    [[nodiscard]] std::uint64_t answered() const noexcept { return answered_; }
    [[nodiscard]] std::uint64_t wrong() const noexcept { return wrong_; }
    [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }
    /// Those that have not ended yet.
    [[nodiscard]] std::uint64_t open() const noexcept { return made_ - answered_ - wrong_ - failed_; }
    /// `verdict/kind` of the failed ones, and how often.
    [[nodiscard]] std::map<std::string, std::uint64_t> verdicts() const;

private:
    void call(mcp::MCPClient& client, const char* tool, mcp::json::object arguments, std::optional<std::string> text);
    void end(const mcp::Result<mcp::CallToolResult>& result, const std::optional<std::string>& text);

    std::atomic<std::uint64_t> made_{0};
    std::atomic<std::uint64_t> answered_{0};
    std::atomic<std::uint64_t> wrong_{0};
    std::atomic<std::uint64_t> failed_{0};
    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t> verdicts_;
};

}  // namespace haive::bench
