#pragma once

#include <string>
#include <string_view>

namespace haive::mcp {

/// Standard, padded base64 (RFC 4648, 4). Pure.
[[nodiscard]] std::string base64(std::string_view bytes);

/// A text as the value of an MCP header (`Mcp-Name`, `Mcp-Param-*`): as it is, or `=?base64?...?=` where a
/// header could not carry it: not ASCII, control characters, blanks at an end, or text that looks encoded
/// already. Source: MCP 2026-07-28, *Streamable HTTP*, header encoding. Pure.
[[nodiscard]] std::string encode_header_value(std::string_view text);

/// Whether a text can stand in a header line as it is: no control characters (tab aside).
[[nodiscard]] bool is_header_text(std::string_view text) noexcept;

/// An RFC 9110 token: what a header's name may be.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

}  // namespace haive::mcp
