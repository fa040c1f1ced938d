#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace haive::mcp {

/// JSON on one line as a person writes it: a space behind colons and commas, 0.5 rather than 5E-1.
[[nodiscard]] std::string plain_json(const boost::json::value& value);

/// The same over many lines, `indent` spaces a level; what fits into 120 columns stays on one line.
[[nodiscard]] std::string pretty_json(const boost::json::value& value, int indent = 2);

}  // namespace haive::mcp
