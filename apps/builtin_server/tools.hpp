#pragma once

#include "message.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <optional>

namespace builtin {

class Server;

/// One call of a tool while it runs.
struct ToolCall {
    json::value id;
    std::string key;  // the id as text
    json::object arguments;
    json::value progress_token;  // null when none was given
    std::optional<int> least_log_level;
    int ordinal = 0;  // it is the nth call of this process
    bool modern = false;
    bool cancelled = false;
};
using CallPtr = std::shared_ptr<ToolCall>;

/// What tools/list says.
[[nodiscard]] json::array tool_list(int extra, bool changed);
/// Runs a tool; it answers through the server, now or later. Throws Refusal.
void run_tool(Server& server, const std::string& name, const CallPtr& call);

}  // namespace builtin
