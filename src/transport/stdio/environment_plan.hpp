#pragma once

#include "haive/mcp/transport/stdio.hpp"

#include <map>
#include <string>
#include <vector>

namespace haive::mcp {

using Environment = std::map<std::string, std::string>;

/// The environment of this process.
[[nodiscard]] Environment host_environment();

/// What a server gets to see: the host's safe variables (or all), with the configured ones merged over
/// them. Never the configured ones alone: a server without PATH and HOME does not start (pain P21).
[[nodiscard]] Environment plan_environment(const Environment& host, const StdioOptions& options);

/// `NAME=value`, as exec wants it.
[[nodiscard]] std::vector<std::string> as_assignments(const Environment& environment);

/// A problem with the configured variables, or an empty text.
[[nodiscard]] std::string environment_problem(const StdioOptions& options);

}  // namespace haive::mcp
