#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace haive::mcp {

/// The two families of MCP revisions. Most methods have the same name in both, so it is the era, never
/// the method, that says how a message is spelt (specification: *Versioning and Compatibility*).
enum class Era : std::uint8_t {
    legacy,  ///< up to 2025-11-25: `initialize`, a session, requests of the server
    modern,  ///< from 2026-07-28: stateless, everything in `_meta`
};

[[nodiscard]] constexpr std::string_view to_string(Era era) noexcept {
    return era == Era::modern ? "modern" : "legacy";
}

/// Newest first: the order of our preference.
inline constexpr std::array<std::string_view, 1> supported_modern_versions{"2026-07-28"};
/// Newest first. The last one is a pre-release that servers still answer with.
inline constexpr std::array<std::string_view, 5> supported_legacy_versions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                                           "2024-11-05", "2024-10-07"};

inline constexpr std::string_view latest_modern_version = supported_modern_versions.front();
/// What `initialize` offers: a modern revision must never be put into it.
inline constexpr std::string_view latest_legacy_version = supported_legacy_versions.front();

/// Revisions are ISO dates, which sort as text. Anything that does not look like a date is not modern.
[[nodiscard]] constexpr bool is_modern(std::string_view version) noexcept {
    return version.size() == latest_modern_version.size() && version[4] == '-' && version[7] == '-' &&
           version.front() >= '0' && version.front() <= '9' && version >= supported_modern_versions.back();
}

[[nodiscard]] constexpr Era era_of(std::string_view version) noexcept {
    return is_modern(version) ? Era::modern : Era::legacy;
}

[[nodiscard]] constexpr bool is_supported_modern(std::string_view version) noexcept {
    return std::find(supported_modern_versions.begin(), supported_modern_versions.end(), version) !=
           supported_modern_versions.end();
}

[[nodiscard]] constexpr bool is_supported_legacy(std::string_view version) noexcept {
    return std::find(supported_legacy_versions.begin(), supported_legacy_versions.end(), version) !=
           supported_legacy_versions.end();
}

}  // namespace haive::mcp
