#pragma once

#include "config/variable_expansion.hpp"
#include "haive/mcp/config/config.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <string>
#include <string_view>

namespace haive::mcp {

/// The names under which programs keep their servers.
inline constexpr std::array<std::string_view, 3> server_maps{"mcpServers", "servers", "context_servers"};

/// Reads a configuration's text; `file` stands before each message. `sources.inputs` are taken from the text.
[[nodiscard]] Result<Config> read_config_document(std::string_view text, const std::string& file,
                                                  ExpansionSources sources);

}  // namespace haive::mcp
