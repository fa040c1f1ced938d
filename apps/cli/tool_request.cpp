#include "cli/tool_request.hpp"

#include "cli/key_values.hpp"
#include "cli/nearest.hpp"
#include "haive/mcp/connection/connection.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>

namespace haive::mcp::cli {

namespace {

constexpr int invalid_params = -32602;

std::string read_stdin() { return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()}; }

Error unknown_tool(const std::string& name, const std::vector<Tool>& tools) {
    std::vector<std::string> names;
    for (const auto& tool : tools) names.push_back(tool.name);
    const std::string meant = did_you_mean(name, names);
    Error error(ErrorKind::invalid_config, "the server has no tool '" + name + "'");
    error.set_mend(meant.empty() ? "`haive-mcp tools` lists them" : meant);
    return error;
}

}  // namespace

int ToolRequest::read(Context& context) {
    auto& operands = context.run.operands;
    if (operands.empty()) return misuse("which tool? haive-mcp " + context.run.command + " SERVER TOOL [key=value]...");
    name_ = operands.front();
    words_.assign(operands.begin() + 1, operands.end());
    args_json_ = context.run.args_json;
    if (args_json_ == "-") args_json_ = read_stdin();
    const auto early = parse_key_values(words_, args_json_, nullptr);
    return early.has_error() ? fail(context, early.error()) : exit_ok;
}

int ToolRequest::resolve(Context& context, Connected& connected) {
    // A server that cannot list its tools can still be called.
    auto tools = context.interrupt.wait(connected.client().list_tools());
    if (tools) {
        const auto found = std::ranges::find(*tools, name_, &Tool::name);
        if (found != tools->end()) {
            tool_ = *found;
        } else if (!tools->empty()) {
            return fail(context, unknown_tool(name_, *tools));
        }
    } else if (tools.error().kind() != ErrorKind::rpc_error && tools.error().kind() != ErrorKind::capability_missing) {
        return fail(context, tools.error());
    }
    return type_arguments(context);
}

int ToolRequest::resolve(Context& context, const Tool& tool) {
    tool_ = tool;
    return type_arguments(context);
}

int ToolRequest::type_arguments(Context& context) {
    auto arguments = parse_key_values(words_, args_json_, tool_ ? &*tool_ : nullptr);
    if (arguments.has_error()) {
        Error error = arguments.error();
        if (tool_) error.set_mend(name_ + " takes: " + describe_arguments(*tool_));
        return fail(context, error);
    }
    arguments_ = std::move(*arguments);
    return exit_ok;
}

Error ToolRequest::explained(Error error) const {
    if (tool_ && error.details().rpc_code == invalid_params && error.details().mend.empty()) {
        error.set_mend(name_ + " takes: " + describe_arguments(*tool_));
    }
    return error;
}

}  // namespace haive::mcp::cli
