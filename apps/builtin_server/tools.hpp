#pragma once

#include "message.hpp"
#include "outlet.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace builtin {

class Conversation;
struct Switches;
struct Task;

/// One call of a tool while it runs. It keeps its conversation, so that what a tool leaves to be done later
/// needs to hold nothing but the call.
struct ToolCall {
    json::value id;
    std::string key;   // the id as text
    std::string name;  // the tool's
    json::object arguments;
    json::object client_capabilities;
    json::object task_params;
    json::object answers;        // modern: what the client answered so far to what was asked, by question
    json::value progress_token;  // null when none was given
    std::optional<int> least_log_level;
    std::shared_ptr<Conversation> conversation;
    OutletPtr to;
    std::shared_ptr<Task> task;  // when its end is not the request's
    int ordinal = 0;             // it is the nth call of this process
    bool modern = false;
    bool cancelled = false;
};
using CallPtr = std::shared_ptr<ToolCall>;

/// What tools/list says.
[[nodiscard]] json::array tool_list(const Switches& switches, bool changed);
/// Runs a tool; it answers through the conversation, now or later. Throws Refusal.
void run_tool(const CallPtr& call);

/// Whether a call of the tool becomes a task: never, when the client asks for it, or always.
enum class TaskSupport { forbidden, optional, required };
[[nodiscard]] TaskSupport task_support(const Switches& switches, std::string_view tool);
[[nodiscard]] bool asks_first(const Switches& switches, std::string_view tool);
/// The arguments of the tool that HTTP headers repeat: `{argument, Header-Name}` each.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> header_arguments(const Switches& switches,
                                                                                std::string_view tool);

}  // namespace builtin
