#pragma once

#include "haive/mcp/base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Reads a file of variables as editors and shells know it: `NAME=VALUE` lines, `export` before them, `#` comments,
/// values in single quotes as they are, in double quotes with `\n`, `\"` and `\\`. Nothing is expanded.
/// Errors: invalid_config with the line, which does not repeat what stands there.
[[nodiscard]] Result<std::map<std::string, std::string>> parse_env_file(std::string_view text);

}  // namespace haive::mcp
