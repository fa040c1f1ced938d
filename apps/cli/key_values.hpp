#pragma once

#include "haive/mcp/protocol/tools.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace haive::mcp::cli {

/// Arguments as typed, turned into JSON: `key=value` becomes what the tool's input schema says for that key
/// (a string where it says nothing better), `key:=json` is taken as JSON, `--args` is the whole object, over
/// which the others are laid. Errors: invalid_config naming the argument and what was expected.
[[nodiscard]] Result<json::object> parse_key_values(const std::vector<std::string>& words,
                                                    const std::optional<std::string>& args_json, const Tool* tool);

/// The tool's arguments, for a person who got them wrong: `text (string, required), ...`.
[[nodiscard]] std::string describe_arguments(const Tool& tool);

}  // namespace haive::mcp::cli
