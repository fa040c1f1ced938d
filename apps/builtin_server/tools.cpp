// The tools, one row each.
#include "tools.hpp"

#include "conversation.hpp"
#include "tool_bodies.hpp"
#include "tool_table.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace builtin {

namespace {

constexpr std::string_view path_only = R"({"path":{"type":"string"}})";
constexpr std::string_view needs_path = R"(["path"])";

constexpr std::array tools{
    Tool{"add", "Add", "Adds two numbers", R"({"a":{"type":"number"},"b":{"type":"number"}})", R"(["a","b"])", true,
         add, R"({"type":"object","properties":{"sum":{"type":"number"}},"required":["sum"]})"},
    Tool{"args", "Arguments", "Shows the server's command line, folder and pid", "{}", "[]", true, args},
    Tool{"ask", "Ask the client", "Asks the client for something, and answers with what it said",
         R"({"what":{"type":"string","enum":["roots","sampling","sampling_with_tools","elicitation",
             "elicitation_defaults","elicitation_url","ping"]}})",
         R"(["what"])", false, ask},
    Tool{"ask_all", "Ask everything", "Asks for roots, sampling and elicitation at once", "{}", "[]", false, ask_all},
    Tool{"ask_rounds", "Ask again", "Asks the user one question after the other", R"({"rounds":{"type":"integer"}})",
         "[]", false, ask_rounds},
    Tool{"big", "Big answer", "Answers with many bytes", R"({"bytes":{"type":"integer"},"text":{"type":"string"}})",
         "[]", true, big},
    Tool{"change_tools", "Change the tools", "Adds a tool and announces it", "{}", "[]", false, change_tools},
    Tool{"crash", "Crash", "Aborts the server", "{}", "[]", false, crash},
    Tool{"echo", "Echo", "Says it back", R"({"text":{"type":"string"}})", R"(["text"])", true, echo},
    Tool{"effect", "Effect", "Leaves a mark in the ledger", R"({"key":{"type":"string"}})", R"(["key"])", false,
         effect},
    Tool{"end_listening", "End listening", "Ends all streams of changes, in order or (`broken`) not",
         R"({"broken":{"type":"boolean"}})", "[]", false, end_listening},
    Tool{"env", "Environment", "Shows the server's environment, or one variable", R"({"name":{"type":"string"}})", "[]",
         true, env},
    Tool{"error", "Protocol error", "Answers with a JSON-RPC error",
         R"({"code":{"type":"integer"},"message":{"type":"string"}})", "[]", false, error},
    Tool{"exit", "Exit", "Ends the server", R"({"code":{"type":"integer"}})", "[]", false, exit_now},
    Tool{"fail", "Fail", "Fails, as tools do", R"({"text":{"type":"string"}})", "[]", false, fail},
    Tool{"job",
         "Job",
         "Works for a while, as a task if the client likes; may ask, may fail",
         R"({"ms":{"type":"integer"},"ask":{"type":"boolean"},"fail":{"type":"boolean"}})",
         "[]",
         false,
         job,
         {},
         TaskSupport::optional},
    Tool{"list_directory", "List a folder", "Lists the files and folders in a folder", path_only, needs_path, true,
         list_directory},
    Tool{"log", "Log", "Sends a log message", R"({"level":{"type":"string"},"text":{"type":"string"}})", R"(["text"])",
         false, log},
    Tool{"progress", "Progress", "Reports progress, then answers",
         R"({"steps":{"type":"integer"},"ms":{"type":"integer"}})", "[]", false, progress},
    Tool{"read_file", "Read a file (old name)", "Reads a text file (deprecated name)", path_only, needs_path, true,
         read_text_file},
    Tool{"read_text_file", "Read a file", "Reads a text file", path_only, needs_path, true, read_text_file},
    Tool{"region", "Region", "Says where it was sent; its arguments also travel as headers",
         R"({"region":{"type":"string","x-mcp-header":"Region"},"count":{"type":"integer","x-mcp-header":"Count"},
             "dry":{"type":"boolean","x-mcp-header":"Dry"}})",
         R"(["region"])", true, region},
    Tool{"sleep", "Sleep", "Answers after a while", R"({"ms":{"type":"integer"}})", "[]", true, sleep_a_while},
    Tool{"stderr", "Stderr", "Writes to stderr, then answers", R"({"bytes":{"type":"integer"}})", "[]", false,
         to_stderr},
    Tool{"structured", "Structured", "Structured output, as its schema says or (`wrong`) not",
         R"({"wrong":{"type":"boolean"}})", "[]", true, structured,
         R"({"type":"object","properties":{"city":{"type":"string"},"degrees":{"type":"number"}},
             "required":["city","degrees"]})"},
    Tool{"touch", "Touch", "Says that a resource was updated", R"({"uri":{"type":"string"}})", R"(["uri"])", false,
         touch},
};

constexpr std::string_view extra_prefix = "extra_";
constexpr std::string_view late_tool = "added_later";

json::object input_schema(const Tool& tool) {
    json::object given = json::parse(tool.properties).as_object();
    if (given.contains("$schema")) return given;
    return {{"type", "object"}, {"properties", std::move(given)}, {"required", json::parse(tool.required)}};
}

json::object described(const Tool& tool) {
    json::object out{{"name", tool.name},
                     {"title", tool.title},
                     {"description", tool.description},
                     {"inputSchema", input_schema(tool)}};
    if (tool.repeatable) out["annotations"] = json::object{{"readOnlyHint", true}, {"idempotentHint", true}};
    if (!tool.output_schema.empty()) out["outputSchema"] = json::parse(tool.output_schema);
    if (tool.tasks != TaskSupport::forbidden) {
        const char* support = tool.tasks == TaskSupport::optional ? "optional" : "required";
        out["execution"] = json::object{{"taskSupport", support}};
    }
    return out;
}

const Tool* find_tool(const Switches& switches, std::string_view name) {
    const auto in = [&](std::span<const Tool> table) {
        const auto found = std::ranges::find(table, name, &Tool::name);
        return found == table.end() ? nullptr : &*found;
    };
    const Tool* special = switches.conformance ? in(conformance_tools()) : nullptr;
    return special != nullptr ? special : in(tools);
}

json::object idle_tool(std::string_view name, std::string_view description) {
    return {{"name", name},
            {"title", name},
            {"description", description},
            {"inputSchema", json::object{{"type", "object"}, {"properties", json::object()}}}};
}

}  // namespace

json::array tool_list(const Switches& switches, bool changed) {
    json::array out;
    if (switches.conformance) {
        for (const Tool& tool : conformance_tools()) out.push_back(described(tool));
    }
    for (const Tool& tool : tools) out.push_back(described(tool));
    for (int i = 0; i < switches.extra_tools; ++i)
        out.push_back(idle_tool(std::string(extra_prefix) + std::to_string(i), "Does nothing"));
    if (changed) out.push_back(idle_tool(late_tool, "Was not there at first"));
    return out;
}

void run_tool(const CallPtr& call) {
    const std::string& name = call->name;
    if (const Tool* tool = find_tool(call->conversation->switches(), name)) return tool->run(call);
    if (name.starts_with(extra_prefix) || name == late_tool) return do_nothing(call);
    throw Refusal{-32602, "Unknown tool: " + name};
}

TaskSupport task_support(const Switches& switches, std::string_view tool) {
    const Tool* found = find_tool(switches, tool);
    return found != nullptr ? found->tasks : TaskSupport::forbidden;
}

bool asks_first(const Switches& switches, std::string_view tool) {
    const Tool* found = find_tool(switches, tool);
    return found != nullptr && found->asks_first;
}

std::vector<std::pair<std::string, std::string>> header_arguments(const Switches& switches, std::string_view tool) {
    std::vector<std::pair<std::string, std::string>> out;
    const Tool* found = find_tool(switches, tool);
    if (found == nullptr || !found->properties.contains("x-mcp-header")) return out;
    for (const auto& [argument, schema] : object_in(input_schema(*found), "properties")) {
        const auto* header = schema.as_object().if_contains("x-mcp-header");
        if (header != nullptr) out.emplace_back(argument, header->as_string());
    }
    return out;
}

}  // namespace builtin
