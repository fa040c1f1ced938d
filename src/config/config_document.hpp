#pragma once

#include "config/variable_expansion.hpp"
#include "haive/mcp/config/config.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace haive::mcp {

/// The names under which programs keep their servers.
inline constexpr std::array<std::string_view, 3> server_maps{"mcpServers", "servers", "context_servers"};

/// What becomes of a server that needs something which is missing where the configuration is read: a variable that is
/// not set, a file that cannot be read.
enum class WhenMissing : std::uint8_t {
    refuse,    ///< the first such is the configuration's error
    leave_out  ///< it is `unusable`, which says why and where; the others go on
};

/// Reads a configuration's text; `file` stands before each message. `sources.inputs` are taken from the text.
[[nodiscard]] Result<Config> read_config_document(std::string_view text, const std::string& file,
                                                  ExpansionSources sources, WhenMissing missing = WhenMissing::refuse);

}  // namespace haive::mcp
