#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// What a person can do about a server that ended, judged by its exit status and its last words.
/// Empty when nothing better than "read its stderr" can be said.
[[nodiscard]] std::string mend_hint(std::optional<int> exit_code, std::optional<int> exit_signal,
                                    std::string_view stderr_tail);

/// `exit code 3`, `signal 9 (SIGKILL)`.
[[nodiscard]] std::string describe_end(std::optional<int> exit_code, std::optional<int> exit_signal);

}  // namespace haive::mcp
