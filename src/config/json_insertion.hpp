#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace haive::mcp {

/// The text with a member added at the end of the object that a JSON Pointer names, in the text's own indentation;
/// every other byte, comments too, stays. The text must be one that `parse_json_document` accepted, without a byte
/// order mark, and the object must be there and not have the key.
[[nodiscard]] std::string insert_json_member(std::string_view text, std::string_view object, std::string_view key,
                                             const boost::json::value& value);

}  // namespace haive::mcp
