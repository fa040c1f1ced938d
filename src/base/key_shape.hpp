#pragma once

#include <string>
#include <string_view>

namespace haive::mcp {

/// Whether a part of a URL's path looks like a key rather than a word: twenty characters or more with digits among
/// letters, or a UUID. A long name with a number in it does too: hiding too much is the smaller evil.
[[nodiscard]] bool looks_like_a_key(std::string_view part) noexcept;

/// A path with `***` in place of each part that looks like a key: `/s/***/mcp`.
[[nodiscard]] std::string path_without_keys(std::string_view path);

/// A URL with its path so, and `***` for its user, query and fragment: they may hold secrets too. A text that is no URL
/// stays as it is.
[[nodiscard]] std::string url_without_keys(std::string_view url);

}  // namespace haive::mcp
