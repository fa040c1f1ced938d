#pragma once

#include "message.hpp"

#include <algorithm>
#include <array>

namespace builtin {

inline constexpr std::array<std::string_view, 8> log_level_names{"debug", "info",     "notice", "warning",
                                                                 "error", "critical", "alert",  "emergency"};
inline constexpr int log_silence = 8;  // above all of them

/// The level's place among the eight, or Refusal -32602.
[[nodiscard]] inline int log_level(std::string_view name) {
    const auto found = std::ranges::find(log_level_names, name);
    if (found == log_level_names.end()) throw Refusal{-32602, "there is no log level " + std::string(name)};
    return static_cast<int>(found - log_level_names.begin());
}

[[nodiscard]] inline std::string_view log_level_name(int level) {
    return log_level_names.at(static_cast<std::size_t>(level));
}

}  // namespace builtin
