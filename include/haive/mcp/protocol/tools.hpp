#pragma once

#include "haive/mcp/protocol/content.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// What a server claims about a tool (*Tools*, `ToolAnnotations`). Untrusted: for display, and for
/// decisions only where the operator said that this server is trusted.
struct ToolAnnotations {
    std::string title;
    std::optional<bool> read_only_hint;
    std::optional<bool> destructive_hint;
    std::optional<bool> idempotent_hint;
    std::optional<bool> open_world_hint;
};

/// `execution.taskSupport` (2025-11-25, *Tasks*).
enum class TaskSupport : std::uint8_t { forbidden, optional, required };

/// Something a server can do on request (*Tools*).
struct Tool {
    std::string name;  ///< case-sensitive; any characters
    std::string title;
    std::string description;  ///< optional in MCP: may be empty
    RawJson input_schema;     ///< byte for byte as sent
    RawJson output_schema;    ///< byte for byte; empty when the tool has none
    ToolAnnotations annotations;
    TaskSupport task_support = TaskSupport::forbidden;
    std::vector<Icon> icons;
    RawJson meta;
    RawJson raw;  ///< the whole object, byte for byte

    /// What to show a person: `title`, else the annotations' title, else `name`.
    [[nodiscard]] const std::string& display_name() const noexcept;
};

struct ListToolsResult {
    ListToolsResult() = default;
    std::vector<Tool> tools;
    std::vector<SkippedItem> skipped;        ///< malformed entries, with the reason
    std::optional<std::string> next_cursor;  ///< after a whole list: set only when it is incomplete
    CacheHints cache;
    RawJson meta;
};

/// What a tool answered (*Tools › Tool result*). A tool's own failure is a result with `is_error`, made
/// for the model to read; it is not an Error.
struct CallToolResult {
    CallToolResult() = default;
    std::vector<ContentBlock> content;
    /// Any JSON value, byte for byte; `null`, `0` and `false` are values too.
    std::optional<RawJson> structured_content;
    bool is_error = false;
    RawJson meta;
    RawJson raw;  ///< the whole result, byte for byte

    /// The text blocks, joined by newlines.
    [[nodiscard]] std::string text() const { return text_of(content); }
};

/// Strict on `name` and `inputSchema` (an object); anything else may be missing or odd.
[[nodiscard]] Result<Tool> parse_tool(std::string_view raw);
/// Strict on `tools`; a malformed tool goes to `skipped` and the others stay.
[[nodiscard]] Result<ListToolsResult> parse_list_tools_result(std::string_view raw_result);
/// Strict on `content`, which may be missing only beside `structuredContent`. A `resultType` other than
/// "complete" is refused. Errors: protocol_violation naming the field.
[[nodiscard]] Result<CallToolResult> parse_call_tool_result(std::string_view raw_result);

}  // namespace haive::mcp
