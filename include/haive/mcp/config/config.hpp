#pragma once

#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/transport/transport.hpp"

#include <functional>
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
    /// Null for a kind of server that this build cannot reach; `unusable` says why then.
    std::shared_ptr<MCPTransport> transport;
    std::string unusable;
    /// The documented parameters, the entry's own over the file's `defaults`.
    ConnectionOptions options;
    /// `"disabled": true`: known, but not connected unless it is named.
    bool disabled = false;
};

/// What an `mcp.json` says.
struct Config {
    Config() = default;
    std::string file;
    std::vector<ServerConfig> servers;  ///< in the file's order
    std::vector<std::string> warnings;  ///< unknown keys and the like, for a person

    [[nodiscard]] const ServerConfig* find(std::string_view name) const noexcept;
};

/// The value of an environment variable, or nullopt.
using VariableLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Reads the configuration format that MCP hosts share: `{"mcpServers": {NAME: {"command", "args", "env",
/// "cwd"}}}`, with comments and trailing commas allowed, `${VAR}`, `${VAR:-default}` and `${env:VAR}` in
/// every text, the documented connection parameters by name in an entry and in a top-level `defaults`
/// (numbers are seconds), `"disabled"`, and a few synonyms of other hosts (`servers`, `type`).
///
/// `file` is only for messages. Thread-safe. Errors: invalid_config with file, line and column, or the path
/// of the key; a wrong entry is an error, never dropped.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string file, const VariableLookup& variable);

/// Reads and parses a file, with this process's environment.
[[nodiscard]] Result<Config> load_config(const std::string& file);

/// Where a configuration is looked for when nobody names one: `mcp.json` in the working directory, then
/// `haive-mcp/mcp.json` in the user's configuration folder. The first that exists, or nullopt.
[[nodiscard]] std::optional<std::string> find_config_file();

}  // namespace haive::mcp
