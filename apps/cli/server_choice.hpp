#pragma once

#include "cli/arguments.hpp"
#include "haive/mcp/config/config.hpp"

#include <string>
#include <vector>

namespace haive::mcp::cli {

/// The servers that an invocation names: by a command line after `--`, or by names from the
/// configuration. `wanted` is how many operands name servers; the rest stay in `run.operands`.
/// Errors: invalid_config, with what is configured when a name is not.
[[nodiscard]] Result<ServerConfig> choose_server(Invocation& run);

/// The servers of a fleet.
struct FleetChoice {
    std::vector<ServerConfig> servers;
    std::vector<ServerConfig> unusable;  ///< meant too, but they cannot be used; they say why
    ManagerOptions manager;
};
/// The named ones, or every server that is not disabled. Errors: as above, and when there is none.
[[nodiscard]] Result<FleetChoice> choose_fleet(Invocation& run);

/// The file of the configuration that an invocation means, whether or not it exists. Errors: there is none.
[[nodiscard]] Result<std::string> chosen_config_file(const Invocation& run);
/// The server of that name, usable or not. Errors: invalid_config with the names that there are.
[[nodiscard]] Result<ServerConfig> named_server(const Config& config, const std::string& name);
/// The configuration that an invocation means.
[[nodiscard]] Result<Config> read_config(const Invocation& run);

/// `file://` URI of a folder, absolute and percent-encoded.
[[nodiscard]] std::string file_uri(const std::string& path);

}  // namespace haive::mcp::cli
