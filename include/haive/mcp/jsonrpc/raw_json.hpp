#pragma once

#include "haive/mcp/base/result.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace haive::mcp {

namespace json = boost::json;

/// Parses one JSON document. Strict (RFC 8259), at most 512 levels deep, numbers exact to the nearest
/// double. Lone surrogate escapes, which JavaScript servers do send, become U+FFFD instead of failing
/// the message. Integers beyond 64 bits become doubles. Thread-safe.
[[nodiscard]] Result<json::value> parse_json(std::string_view text);

/// JSON text kept exactly as it was received: schemas and unknown fields survive byte for byte.
///
/// It was found inside a routed message and is checked fully only when a value is built from it.
class RawJson {
public:
    RawJson() = default;
    explicit RawJson(std::string text) noexcept : text_(std::move(text)) {}

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    /// The value, parsed now. ErrorKind::protocol_violation when the text is not JSON.
    [[nodiscard]] Result<json::value> value() const { return parse_json(text_); }

private:
    std::string text_;
};

/// Appends `text` as a JSON string literal, quotes included. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace haive::mcp
