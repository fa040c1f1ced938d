#pragma once

#include "haive/mcp/base/result.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// What a resolver asks about a path; injected for tests.
enum class FileKind : std::uint8_t { absent, program, not_executable, directory };
using FileProbe = std::function<FileKind(const std::string& path)>;

[[nodiscard]] FileKind probe_file(const std::string& path);

/// Finds the program that `command` names, as a shell would: with a slash in it relative to `cwd`, else
/// along `path`. The error says where it looked, and what is nearby when the command looks like a whole
/// command line. Errors: invalid_command, which no retry mends.
[[nodiscard]] Result<std::string> resolve_command(std::string_view command, std::string_view path, std::string_view cwd,
                                                  const FileProbe& probe);

}  // namespace haive::mcp
