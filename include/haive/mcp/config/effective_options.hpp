#pragma once

#include "haive/mcp/config/config.hpp"

#include <string>
#include <vector>

namespace haive::mcp {

/// One option of a server as it is in force.
struct EffectiveOption {
    EffectiveOption() = default;
    std::string name;    ///< as a configuration writes it; `pool.max_size` for one of the pool
    std::string value;   ///< as JSON
    std::string origin;  ///< `line 12`, `defaults, line 3`, or `built in`
};

/// All options of a server, and where each comes from: `haive-mcp config show`. The pool's only when it has one, and
/// of the transports' those of its own.
/// There is no secret among them: how the server is reached (`command`, `env`, `headers`...) is not an option.
[[nodiscard]] std::vector<EffectiveOption> effective_options(const ServerConfig& server);

/// The options of all servers together, as `manager.opens_per_second`.
[[nodiscard]] std::vector<EffectiveOption> effective_manager_options(const Config& config);

/// How a server is reached, for a person: `command` or `url` as `describe` tells it, `cwd`, and the names of `env` and
/// `headers` with `***` in place of each value.
[[nodiscard]] std::vector<EffectiveOption> masked_reach(const ServerConfig& server);

}  // namespace haive::mcp
