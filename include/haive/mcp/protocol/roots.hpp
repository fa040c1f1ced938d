#pragma once

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <string>
#include <vector>

namespace haive::mcp {

/// A folder or file that a client lets servers know about (*Roots*).
struct Root {
    std::string uri;   ///< `file://...`
    std::string name;  ///< for people; may be empty
    RawJson meta;
};

/// Errors: protocol_violation naming the field, unless it is an object with a `uri`.
[[nodiscard]] Result<Root> parse_root(std::string_view raw);
/// The result of `roots/list`: `{"roots":[...]}`.
[[nodiscard]] RawJson to_list_roots_result(const std::vector<Root>& roots);

}  // namespace haive::mcp
