#pragma once

#include "haive/mcp/base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// A place where another program keeps its MCP servers.
struct ImportSource {
    ImportSource() = default;
    ImportSource(std::string c, std::string f) : client(std::move(c)), file(std::move(f)) {}
    std::string client;  ///< `claude-desktop`, `claude-code`, `cursor`, `vscode`, `windsurf`, `zed`, `gemini`
    std::string file;
};

/// Where those programs are documented to keep them, whether or not the files exist: those of the project first, then
/// the user's. Folders without a slash at their end; `config_home` is `$XDG_CONFIG_HOME` or `~/.config`.
[[nodiscard]] std::vector<ImportSource> import_sources(const std::string& project, const std::string& home,
                                                       const std::string& config_home);

/// One server of another program's file.
struct ImportedServer {
    ImportedServer() = default;
    std::string name;
    std::string entry;               ///< its JSON, ready for our configuration; it may hold secrets
    std::vector<std::string> notes;  ///< what was changed and what is left to do, for a person; no values
};

/// Reads the servers of a file as they are written there, variables not filled in. What only that program knows is put
/// into our words: `${input:ID}` becomes `${ID}` from the environment, Gemini CLI's `$NAME` becomes `${NAME}`, and
/// `${workspaceFolder}` the folder itself. Servers that Claude Code keeps for the folder `project` only are among them;
/// what only its own program can start (an extension, with neither a command nor a URL) is not.
/// Errors: invalid_config with file, line and column.
[[nodiscard]] Result<std::vector<ImportedServer>>
read_imported_servers(std::string_view text, const ImportSource& source, const std::string& project);

/// A configuration with servers added.
struct MergedConfig {
    MergedConfig() = default;
    std::string text;
    std::vector<std::string> added;  ///< names
    std::vector<std::string> kept;   ///< names that were there already, and were left as they are
};

/// Adds servers to a configuration's text and leaves every other byte of it, comments too, as it is. `text` may be
/// empty: a new configuration is written then. Errors: invalid_config when the text is broken, or would be after it;
/// nothing that is there is ever replaced.
[[nodiscard]] Result<MergedConfig> merge_servers(std::string_view text, const std::string& file,
                                                 std::span<const ImportedServer> servers);

}  // namespace haive::mcp
