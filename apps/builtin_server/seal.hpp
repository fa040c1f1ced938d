#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace builtin {

/// The SHA-1 of `bytes`, 20 bytes: what the WebSocket handshake asks for. Not for secrets.
[[nodiscard]] std::string sha1(std::string_view bytes);
[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Standard base64 with its padding; nullopt for anything else.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
/// 32 hexadecimal digits of the kernel's randomness.
[[nodiscard]] std::string random_text();

/// `text` that its reader can hand back but not change (HMAC-SHA-1).
[[nodiscard]] std::string sealed(std::string_view secret, std::string_view text);
/// The text again; nullopt when it is not as it was.
[[nodiscard]] std::optional<std::string> unsealed(std::string_view secret, std::string_view sealed);

}  // namespace builtin
