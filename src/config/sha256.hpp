#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace haive::mcp {

/// The SHA-256 of a text (FIPS 180-4).
[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view text) noexcept;

}  // namespace haive::mcp
