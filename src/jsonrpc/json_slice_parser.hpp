#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Why a JSON text was refused: `what` is a literal, or null when nothing is wrong.
struct JsonFault {
    const char* what = nullptr;
    std::size_t offset = 0;  ///< bytes from the beginning of the text that was given

    explicit operator bool() const noexcept { return what != nullptr; }
};

enum class JsonType : std::uint8_t { object, array, string, number, boolean, null, none };

/// What a value is, by its first character; `none` for empty or hopeless text.
[[nodiscard]] JsonType json_type(std::string_view value) noexcept;

/// Checks one whole document: the grammar of RFC 8259, at most 512 levels deep. Not its UTF-8.
[[nodiscard]] JsonFault check_json(std::string_view text) noexcept;

/// Walks the members of a JSON object and gives each value's text exactly as it is spelt.
///
/// Schemas and unknown members must survive byte for byte, which no parsed value does. Every value is
/// checked (grammar, 512 levels) while it is walked over; the walk is iterative and allocates nothing
/// unless a key is spelt with escapes. The text must outlive the walk. Duplicate keys come as they are.
class JsonObjectSlices {
public:
    explicit JsonObjectSlices(std::string_view object) noexcept;

    /// Moves to the next member. False: at the end, or at a `fault()`.
    bool next();
    /// Without quotes, escapes resolved. Valid until `next`.
    [[nodiscard]] std::string_view key() const noexcept { return key_; }
    /// Without surrounding space. Valid as long as the text.
    [[nodiscard]] std::string_view value() const noexcept { return value_; }
    [[nodiscard]] const JsonFault& fault() const noexcept { return fault_; }

private:
    bool stop(const char* what, const char* at) noexcept;

    const char* begin_;
    const char* at_;
    const char* end_;
    std::string_view key_;
    std::string_view value_;
    std::string decoded_key_;
    JsonFault fault_;
    bool started_ = false;
    bool ended_ = false;
};

/// The same for the elements of an array.
class JsonArraySlices {
public:
    explicit JsonArraySlices(std::string_view array) noexcept;

    bool next() noexcept;
    [[nodiscard]] std::string_view value() const noexcept { return value_; }
    /// Of the present element, from 0.
    [[nodiscard]] std::size_t index() const noexcept { return count_ - 1; }
    [[nodiscard]] const JsonFault& fault() const noexcept { return fault_; }

private:
    bool stop(const char* what, const char* at) noexcept;

    const char* begin_;
    const char* at_;
    const char* end_;
    std::string_view value_;
    std::size_t count_ = 0;
    JsonFault fault_;
    bool ended_ = false;
};

/// The text that a JSON string literal (quotes included) stands for, put in place of `out`. Lone
/// surrogates and bytes that are not UTF-8 become U+FFFD. False, and `out` unspecified, when `literal`
/// is not a string literal.
[[nodiscard]] bool decode_json_string(std::string_view literal, std::string& out);

/// Length of the UTF-8 sequence at `at` (RFC 3629), 0 if there is none.
[[nodiscard]] std::size_t utf8_length(const char* at, const char* end) noexcept;

/// Appends `bytes`, with U+FFFD in the place of every byte that is not UTF-8. Returns how many were not.
std::size_t append_valid_utf8(std::string& out, std::string_view bytes);

/// The code unit of four hexadecimal digits, or -1.
[[nodiscard]] int hex_code_unit(const char* at, const char* end) noexcept;

}  // namespace haive::mcp
