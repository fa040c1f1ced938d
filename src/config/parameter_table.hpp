#pragma once

#include "haive/mcp/connection/connection_options.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace haive::mcp {

enum class ParameterOutcome : std::uint8_t { unknown, set, wrong };

/// Sets the documented connection parameter `key` to `value`. `problem` says what is wrong with it.
ParameterOutcome set_parameter(ConnectionOptions& options, std::string_view key, const boost::json::value& value,
                               std::string& problem);

}  // namespace haive::mcp
