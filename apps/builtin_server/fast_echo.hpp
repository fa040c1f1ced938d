#pragma once

#include <string>
#include <string_view>

namespace builtin {

/// Answers a plain call of `echo` without parsing JSON: appends the answer's line to `out`. False when the
/// line is anything else, or its text has escapes in it.
[[nodiscard]] bool answer_echo(std::string_view line, std::string& out);

}  // namespace builtin
