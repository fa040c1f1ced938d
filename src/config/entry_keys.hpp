#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// A key of a server's entry that is no option with a number or a word: how the server is reached, and what other
/// programs that read the same file put there.
struct EntryKey {
    std::string_view name;
    std::string_view schema;  ///< JSON Schema of its value, as text
    std::string_view about;   ///< for the schema
};

/// The keys that mean something here.
[[nodiscard]] std::span<const EntryKey> entry_keys() noexcept;
/// Keys that other programs document for their own use; they change nothing here and are no reason to complain.
[[nodiscard]] std::span<const EntryKey> foreign_keys() noexcept;
/// Whether a key is one of those, or a note (`_...`, `//...`).
[[nodiscard]] bool is_foreign_key(std::string_view key) noexcept;

/// All keys of an entry that mean something here, options included.
[[nodiscard]] std::vector<std::string> known_entry_keys();
/// All keys of `defaults`.
[[nodiscard]] std::vector<std::string> known_default_keys();

}  // namespace haive::mcp
