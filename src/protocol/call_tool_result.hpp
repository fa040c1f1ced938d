#pragma once

#include "haive/mcp/protocol/tools.hpp"

namespace haive::mcp {

/// `parse_call_tool_result` of a text that becomes the result's own `raw`: it is not copied.
[[nodiscard]] Result<CallToolResult> take_call_tool_result(RawJson result);

}  // namespace haive::mcp
