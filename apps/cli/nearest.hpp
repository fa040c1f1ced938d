#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp::cli {

/// The word that `typed` was probably meant to be, or nullopt when none is close.
[[nodiscard]] std::optional<std::string> nearest(std::string_view typed, const std::vector<std::string>& words);

/// `did you mean 'tools'?`, or an empty text.
[[nodiscard]] std::string did_you_mean(std::string_view typed, const std::vector<std::string>& words);

}  // namespace haive::mcp::cli
