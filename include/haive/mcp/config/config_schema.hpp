#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace haive::mcp {

/// The JSON Schema (2020-12) of a configuration, for editors and for checks without this library: what `parse_config`
/// accepts, with a description and the default of each option. It flags every unknown key of an entry, of which
/// `parse_config` only complains when it is nearly a known one.
[[nodiscard]] boost::json::object config_schema();

/// The same as the text of a file: `docs/mcp.schema.json`, what `haive-mcp config schema` prints.
[[nodiscard]] std::string config_schema_text();

}  // namespace haive::mcp
