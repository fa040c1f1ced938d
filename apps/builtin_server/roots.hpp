#pragma once

#include "message.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace builtin {

/// The folders of a client's answer to roots/list; empty for anything else.
[[nodiscard]] std::vector<std::string> folders_in(const json::object& answer);

/// The real path of `path`, if it is in one of the folders or is one.
[[nodiscard]] std::optional<std::filesystem::path> path_inside(const std::string& path,
                                                               const std::vector<std::string>& folders);

}  // namespace builtin
