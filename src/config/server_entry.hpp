#pragma once

#include "haive/mcp/config/config.hpp"

#include <boost/json/object.hpp>

namespace haive::mcp {

/// Reads one server's entry over the file's defaults. Errors: invalid_config naming server and key.
[[nodiscard]] Result<ServerConfig> parse_server_entry(std::string name, const boost::json::object& entry,
                                                      const ConnectionOptions& defaults, const VariableLookup& variable,
                                                      std::vector<std::string>& warnings);

}  // namespace haive::mcp
