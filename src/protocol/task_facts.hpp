#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// How far a task is. The server's own word is kept beside it.
enum class TaskStatus : std::uint8_t { working, input_required, completed, failed, cancelled, unknown };

/// What a server says of a task, in either dialect: 2025-11-25 (*Tasks*, `ttl`, `pollInterval`) and the extension
/// `io.modelcontextprotocol/tasks` (SEP-2663, `ttlMs`, `pollIntervalMs`, with what it came to inlined).
struct TaskFacts {
    std::string id;
    TaskStatus status = TaskStatus::unknown;
    std::string status_text;  ///< `status` as sent
    std::string message;      ///< `statusMessage`
    std::optional<Duration> poll_interval;
    RawJson result;          ///< extension, completed: the tool's result
    RawJson error;           ///< extension, failed: a JSON-RPC error object
    RawJson input_requests;  ///< extension, input_required: an object
};

/// A flat task object: the answer to tasks/get, and to a call that became a task of the extension. Errors:
/// protocol_violation naming the field.
[[nodiscard]] Result<TaskFacts> parse_task(std::string_view raw);
/// `task` of a CreateTaskResult (2025-11-25). nullopt when the result has none: an answer like any other.
[[nodiscard]] std::optional<Result<TaskFacts>> parse_created_task(std::string_view raw_result);

/// When to ask again: as the server says, within 50 ms and 60 s; else 1 s, growing by half with each time asked.
[[nodiscard]] Duration next_poll(const TaskFacts& facts, int asked) noexcept;

}  // namespace haive::mcp
