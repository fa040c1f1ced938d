#pragma once

#include "haive/mcp/config/config.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <string_view>

namespace haive::mcp {

/// Where the variables of a configuration come from.
struct ExpansionSources {
    VariableLookup variable;
    FileLookup read_file = nullptr;  ///< for `${file:PATH}`; unset: files cannot be read
    std::string file = {};           ///< the configuration, which tells where its project is
    boost::json::array inputs = {};  ///< what an editor would ask for, to say so by name
};

/// Replaces `${VAR}`, `${VAR:-default}`, `${env:VAR}`, `${file:PATH}` and what editors predefine (`${workspaceFolder}`,
/// `${workspaceFolderBasename}`, `${userHome}`, `${pathSeparator}`, `${/}`); `$${` is a plain `${`. Anything else
/// stays. Errors: invalid_config naming a variable that is not set and has no default, an input or a command that
/// only an editor could ask for or run, a file that cannot be read.
[[nodiscard]] Result<std::string> expand_variables(std::string_view text, const ExpansionSources& sources);
[[nodiscard]] Result<std::string> expand_variables(std::string_view text, const VariableLookup& variable);

/// The folder of the project that a configuration belongs to: of `.vscode/mcp.json` the one above `.vscode`.
[[nodiscard]] std::string project_folder(const std::string& file);

}  // namespace haive::mcp
