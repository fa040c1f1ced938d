#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace haive::mcp {

/// The word that `typed` was probably meant to be, or nullopt when none is close: at most a third of its letters
/// added, dropped, changed or swapped with their neighbour, and at least one. Words of over 100 bytes are near none.
[[nodiscard]] std::optional<std::string> nearest_word(std::string_view typed, std::span<const std::string> words);

}  // namespace haive::mcp
