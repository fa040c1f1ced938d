#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp::schema {

// URI references as schemas use them (RFC 3986, 5.2). Pure texts; nothing is opened.

/// `reference` seen from `base`, dot segments removed. An empty base leaves it as it is.
[[nodiscard]] std::string resolve(std::string_view base, std::string_view reference);

struct SplitUri {
    std::string_view document;
    std::string_view fragment;  ///< without `#`
};
[[nodiscard]] SplitUri split_fragment(std::string_view uri) noexcept;

/// `%41` becomes `A`; a broken escape stays as it is.
[[nodiscard]] std::string percent_decoded(std::string_view text);

/// One token of a JSON Pointer, `~1` and `~0` undone.
[[nodiscard]] std::string pointer_token(std::string_view escaped);
/// The other way.
void append_pointer_token(std::string& out, std::string_view token);

}  // namespace haive::mcp::schema
