#pragma once

#include "haive/mcp/config/config.hpp"

#include <string>
#include <string_view>

namespace haive::mcp {

/// Replaces `${VAR}`, `${VAR:-default}` and `${env:VAR}`; `$${` is a plain `${`. Anything else stays.
/// Errors: invalid_config naming a variable that is not set and has no default.
[[nodiscard]] Result<std::string> expand_variables(std::string_view text, const VariableLookup& variable);

}  // namespace haive::mcp
