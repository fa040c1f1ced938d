#pragma once

#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/manager/manager_options.hpp"
#include "haive/mcp/manager/upstream_options.hpp"
#include "haive/mcp/pool/pool_options.hpp"
#include "haive/mcp/transport/transport.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// One entry of `mcpServers`.
struct ServerConfig {
    ServerConfig() = default;
    std::string name;
    /// Null for a server that cannot be used: of a kind that this build cannot reach, or (`load_config`) in want of a
    /// variable or file that is missing. `unusable` says why then.
    std::shared_ptr<MCPTransport> transport;
    std::string unusable;
    /// The documented parameters, the entry's own over the file's `defaults`.
    ConnectionOptions options;
    /// How a manager treats it.
    UpstreamOptions upstream;
    /// Set: a pool of connections instead of one.
    std::optional<PoolOptions> pool;
    /// `"disabled": true`: known, but not connected unless it is named.
    bool disabled = false;
    /// Where the options that are not built in come from, by name (`pool.max_size` for one of the pool):
    /// `line 12`, or `defaults, line 3`.
    std::map<std::string, std::string> origins;

    /// It as a manager takes it. `transport` must not be null.
    [[nodiscard]] UpstreamConfig to_upstream() const;
};

/// What an `mcp.json` says.
struct Config {
    Config() = default;
    std::string file;
    std::vector<ServerConfig> servers;  ///< in the file's order
    /// For `MCPManager`: what the file's `manager` says over the built-in values. It has no runtime.
    ManagerOptions manager;
    /// Where those come from, by name (`manager.opens_per_second`): `line 3`.
    std::map<std::string, std::string> manager_origins;
    std::vector<std::string> warnings;  ///< unknown keys and the like, for a person

    [[nodiscard]] const ServerConfig* find(std::string_view name) const noexcept;
    /// Those that are neither disabled nor unusable, as a manager takes them.
    [[nodiscard]] std::vector<UpstreamConfig> upstreams() const;
};

/// The value of an environment variable, or nullopt.
using VariableLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// The text of a file, or nullopt when it cannot be read.
using FileLookup = std::function<std::optional<std::string>(const std::string& path)>;

/// Reads the configuration format that MCP hosts share, in the dialects of Claude Desktop, Claude Code, Cursor,
/// Windsurf and Gemini CLI (`mcpServers`), VS Code (`servers`) and Zed (`context_servers`):
/// `{"mcpServers": {NAME: {"command", "args", "env", "envFile", "cwd"} or {"url", "headers"}}}`, with comments and
/// trailing commas allowed, `${VAR}`, `${VAR:-default}`, `${env:VAR}` and the folders that editors predefine in every
/// text. An entry takes every option of ConnectionOptions and UpstreamOptions by name, the numbers of its transport and
/// `pool`; so does a top-level `defaults`. A top-level `manager` takes those of ManagerOptions. Numbers of time are
/// seconds. docs/guide/configuration.md has it all.
///
/// `file` is for messages and for `${workspaceFolder}`. `read_file` is asked for `envFile` and `${file:PATH}`; unset:
/// they are errors. Thread-safe. Errors: invalid_config with file, line, column and the mend; the first one only. A
/// wrong entry is an error, never dropped, unless it is disabled; so is one that needs a variable or a file which is
/// missing. An unknown key that is nearly a known one is an error too; any other is a warning.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string file, const VariableLookup& variable,
                                          const FileLookup& read_file = nullptr);

/// Reads and parses a file of at most 16 MiB, with this process's environment. A server that needs a variable which is
/// not set, or a file that cannot be read, is `unusable` with the place and the mend, and holds back no other; for the
/// rest, errors are those of `parse_config`. A relative path in it (`envFile`) begins
/// at its project's folder: the one above it, when it lies in a hidden folder (`.vscode/mcp.json`), else its own.
[[nodiscard]] Result<Config> load_config(const std::string& file);

/// Where a configuration is looked for when nobody names one: `mcp.json` in the working directory, then
/// `haive-mcp/mcp.json` in the user's configuration folder. The first that exists, or nullopt.
[[nodiscard]] std::optional<std::string> find_config_file();

}  // namespace haive::mcp
