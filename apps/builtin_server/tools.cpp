// The tools, one row each.
#include "tools.hpp"

#include "tool_bodies.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace builtin {

namespace {

struct Tool {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::string_view properties;  // JSON: name to type
    std::string_view required;    // JSON array
    bool repeatable;              // read-only and idempotent
    void (*run)(Server&, const CallPtr&);
};

constexpr std::string_view path_only = R"({"path":{"type":"string"}})";
constexpr std::string_view needs_path = R"(["path"])";

constexpr std::array tools{
    Tool{"add", "Add", "Adds two numbers", R"({"a":{"type":"number"},"b":{"type":"number"}})", R"(["a","b"])", true,
         add},
    Tool{"args", "Arguments", "Shows the server's command line, folder and pid", "{}", "[]", true, args},
    Tool{"ask", "Ask the client", "Asks the client for roots, sampling, elicitation or a ping (legacy era)",
         R"({"what":{"type":"string","enum":["roots","sampling","elicitation","ping"]}})", R"(["what"])", false, ask},
    Tool{"big", "Big answer", "Answers with many bytes", R"({"bytes":{"type":"integer"},"text":{"type":"string"}})",
         "[]", true, big},
    Tool{"change_tools", "Change the tools", "Adds a tool and announces it", "{}", "[]", false, change_tools},
    Tool{"crash", "Crash", "Aborts the server", "{}", "[]", false, crash},
    Tool{"echo", "Echo", "Says it back", R"({"text":{"type":"string"}})", R"(["text"])", true, echo},
    Tool{"effect", "Effect", "Leaves a mark in the ledger", R"({"key":{"type":"string"}})", R"(["key"])", false,
         effect},
    Tool{"env", "Environment", "Shows the server's environment, or one variable", R"({"name":{"type":"string"}})", "[]",
         true, env},
    Tool{"error", "Protocol error", "Answers with a JSON-RPC error",
         R"({"code":{"type":"integer"},"message":{"type":"string"}})", "[]", false, error},
    Tool{"exit", "Exit", "Ends the server", R"({"code":{"type":"integer"}})", "[]", false, exit_now},
    Tool{"fail", "Fail", "Fails, as tools do", R"({"text":{"type":"string"}})", "[]", false, fail},
    Tool{"list_directory", "List a folder", "Lists the files and folders in a folder", path_only, needs_path, true,
         list_directory},
    Tool{"log", "Log", "Sends a log message", R"({"level":{"type":"string"},"text":{"type":"string"}})", R"(["text"])",
         false, log},
    Tool{"progress", "Progress", "Reports progress, then answers",
         R"({"steps":{"type":"integer"},"ms":{"type":"integer"}})", "[]", false, progress},
    Tool{"read_file", "Read a file (old name)", "Reads a text file (deprecated name)", path_only, needs_path, true,
         read_text_file},
    Tool{"read_text_file", "Read a file", "Reads a text file", path_only, needs_path, true, read_text_file},
    Tool{"sleep", "Sleep", "Answers after a while", R"({"ms":{"type":"integer"}})", "[]", true, sleep_a_while},
    Tool{"stderr", "Stderr", "Writes to stderr, then answers", R"({"bytes":{"type":"integer"}})", "[]", false,
         to_stderr},
};

constexpr std::string_view extra_prefix = "extra_";
constexpr std::string_view late_tool = "added_later";

json::object described(const Tool& tool) {
    json::object out{{"name", tool.name},
                     {"title", tool.title},
                     {"description", tool.description},
                     {"inputSchema", json::object{{"type", "object"},
                                                  {"properties", json::parse(tool.properties)},
                                                  {"required", json::parse(tool.required)}}}};
    if (tool.repeatable) out["annotations"] = json::object{{"readOnlyHint", true}, {"idempotentHint", true}};
    if (tool.run == add) {
        out["outputSchema"] =
            json::parse(R"({"type":"object","properties":{"sum":{"type":"number"}},"required":["sum"]})");
    }
    return out;
}

json::object idle_tool(std::string_view name, std::string_view description) {
    return {{"name", name},
            {"title", name},
            {"description", description},
            {"inputSchema", json::object{{"type", "object"}, {"properties", json::object()}}}};
}

}  // namespace

json::array tool_list(int extra, bool changed) {
    json::array out;
    for (const Tool& tool : tools) out.push_back(described(tool));
    for (int i = 0; i < extra; ++i)
        out.push_back(idle_tool(std::string(extra_prefix) + std::to_string(i), "Does nothing"));
    if (changed) out.push_back(idle_tool(late_tool, "Was not there at first"));
    return out;
}

void run_tool(Server& server, const std::string& name, const CallPtr& call) {
    const auto tool = std::ranges::find(tools, name, &Tool::name);
    if (tool != tools.end()) return tool->run(server, call);
    if (name.starts_with(extra_prefix) || name == late_tool) return do_nothing(server, call);
    throw Refusal{-32602, "Unknown tool: " + name};
}

}  // namespace builtin
