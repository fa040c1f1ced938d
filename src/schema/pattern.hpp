#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}  // namespace re2

namespace haive::mcp::schema {

/// A regular expression of a schema, run by RE2: in time linear in the text, whatever the pattern. What ECMA 262
/// has and RE2 has not (look-around, back references) is no error: it cannot be checked, and that is said.
class Pattern {
public:
    /// `most_bytes` bounds the text, and a hundred times of it the compiled program.
    Pattern(std::string_view ecma, std::size_t most_bytes);
    ~Pattern();
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;

    /// Found anywhere in the text; nullopt: cannot be checked.
    [[nodiscard]] std::optional<bool> matches(std::string_view text) const;

private:
    std::unique_ptr<re2::RE2> compiled_;  // none: not supported
};

/// The same pattern as RE2 spells it, as far as the two differ only in spelling.
[[nodiscard]] std::string in_re2_words(std::string_view ecma);

}  // namespace haive::mcp::schema
