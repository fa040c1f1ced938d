#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp::cli {

/// `did you mean 'tools'?`, or an empty text.
[[nodiscard]] std::string did_you_mean(std::string_view typed, const std::vector<std::string>& words);

}  // namespace haive::mcp::cli
