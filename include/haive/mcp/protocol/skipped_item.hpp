#pragma once

#include <cstddef>
#include <string>

namespace haive::mcp {

/// One entry of a list that could not be understood. The other entries are kept: one malformed tool
/// must not take a whole server away.
struct SkippedItem {
    std::size_t index = 0;  ///< its place in the list, from 0, counted over all pages
    std::string name;       ///< `name` or `uri`, where it could be read
    std::string reason;     ///< names the field: "Tool: `inputSchema` is missing"
};

}  // namespace haive::mcp
