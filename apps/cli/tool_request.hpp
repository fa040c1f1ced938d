#pragma once

#include "cli/commands.hpp"
#include "haive/mcp/protocol/tools.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace haive::mcp::cli {

/// `TOOL [key=value]... [--args JSON]` as typed, on its way to a call: what can be refused is refused before
/// a server is started, and the server's own list gives the types.
class ToolRequest {
public:
    /// Takes the tool and its arguments out of the operands. 0, or the exit code of the mistake that was printed.
    [[nodiscard]] int read(Context& context);
    /// Looks the tool up at the server and types the arguments. 0, or the exit code of what was printed.
    [[nodiscard]] int resolve(Context& context, Connected& connected);

    /// The same for a tool that is known already.
    [[nodiscard]] int resolve(Context& context, const Tool& tool);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const json::object& arguments() const noexcept { return arguments_; }
    /// Adds what the tool takes to an error that the server blames on the arguments.
    [[nodiscard]] Error explained(Error error) const;

private:
    [[nodiscard]] int type_arguments(Context& context);

    std::string name_;
    std::optional<std::string> args_json_;
    std::vector<std::string> words_;
    std::optional<Tool> tool_;
    json::object arguments_;
};

}  // namespace haive::mcp::cli
