#pragma once

#include "haive/mcp/config/config.hpp"

#include <string>
#include <string_view>

namespace haive::mcp {

/// The text of a configuration file of at most 16 MiB. Errors: invalid_config with the reason.
[[nodiscard]] Result<std::string> read_config_text(const std::string& file);

/// Parses a text that was read from `file`, with this process's environment and files, as `load_config` does.
[[nodiscard]] Result<Config> parse_config_text(std::string_view text, const std::string& file);

}  // namespace haive::mcp
