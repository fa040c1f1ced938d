#pragma once

#include "config/config_problem.hpp"
#include "config/server_options.hpp"
#include "config/variable_expansion.hpp"
#include "haive/mcp/config/config.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace haive::mcp {

/// Reads one server's entry, which stands at `pointer`, over the file's defaults. What is wrong goes to `notes`; the
/// server that is returned then is of no use. `set_at` of its options is left in `options`.
[[nodiscard]] ServerConfig parse_server_entry(const std::string& name, const boost::json::object& entry,
                                              const std::string& pointer, ServerOptions& options,
                                              const ExpansionSources& sources, ConfigNotes& notes);

}  // namespace haive::mcp
