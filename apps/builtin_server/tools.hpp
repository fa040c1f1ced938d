#pragma once

#include "catalogue.hpp"

#include <functional>

namespace builtin {

class Server;

/// One call of a tool while it runs.
struct ToolCall {
    json::value id;
    json::object arguments;
    json::value progress_token;  // null when none was given
    bool modern = false;
};

/// What tools/list says.
[[nodiscard]] json::array tool_list(const Switches& switches, bool changed);
/// Runs a tool; it answers through the server, now or later. Throws Refusal.
void run_tool(Server& server, const std::string& name, ToolCall call);

[[nodiscard]] json::object text_result(std::string_view text, bool is_error = false);

}  // namespace builtin
