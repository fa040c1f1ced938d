#pragma once

#include "haive/mcp/base/result.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace haive::mcp {

/// `line 3, column 5` of an offset. Columns count characters, as editors do.
[[nodiscard]] std::string position_in(std::string_view text, std::size_t offset);

/// Parses JSON as people write it: comments, trailing commas and a byte order mark are fine; a key that
/// comes twice in one object is not, because one of the two would be lost.
/// Errors: invalid_config with line and column.
[[nodiscard]] Result<boost::json::value> parse_json_document(std::string_view text);

}  // namespace haive::mcp
