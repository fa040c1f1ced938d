#pragma once

#include "haive/mcp/protocol/versions.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace haive::mcp {

/// What is known about one message that a client may send.
struct MethodFacts {
    std::string_view name;
    bool legacy = false;         ///< exists up to 2025-11-25
    bool modern = false;         ///< exists from 2026-07-28 (its extensions included)
    bool cacheable = false;      ///< its modern result carries `ttlMs` (*Caching*)
    bool protocol_read = false;  ///< class P: may always be sent again, it changes nothing twice
};

/// Client to server, requests first, then notifications (protocol facts 0.2; specification: *Schema*).
inline constexpr std::array<MethodFacts, 24> client_methods{{
    // name                      legacy modern cacheable protocol_read
    {"initialize", true, false, false, true},
    {"ping", true, false, false, true},
    {"server/discover", false, true, true, true},
    {"tools/list", true, true, true, true},
    {"tools/call", true, true, false, false},
    {"resources/list", true, true, true, true},
    {"resources/templates/list", true, true, true, true},
    {"resources/read", true, true, true, true},
    {"resources/subscribe", true, false, false, true},
    {"resources/unsubscribe", true, false, false, true},
    {"prompts/list", true, true, true, true},
    {"prompts/get", true, true, false, true},
    {"completion/complete", true, true, false, true},
    {"logging/setLevel", true, false, false, true},
    {"subscriptions/listen", false, true, false, false},
    {"tasks/get", true, true, false, true},
    {"tasks/result", true, false, false, true},
    {"tasks/list", true, false, false, true},
    {"tasks/update", false, true, false, false},
    {"tasks/cancel", true, true, false, true},
    {"notifications/initialized", true, false, false, false},
    {"notifications/cancelled", true, true, false, false},  // modern: on byte streams only
    {"notifications/progress", true, false, false, false},
    {"notifications/roots/list_changed", true, false, false, false},
}};

/// The row of `method`, or nullptr for one that MCP itself does not define.
[[nodiscard]] constexpr const MethodFacts* find_method(std::string_view method) noexcept {
    for (const MethodFacts& row : client_methods) {
        if (row.name == method) return &row;
    }
    return nullptr;
}

/// Whether a client may send `method` in `era`. Methods that MCP does not define (extensions, custom
/// ones) are allowed: the server is the judge of those.
[[nodiscard]] constexpr bool method_allowed(std::string_view method, Era era) noexcept {
    const MethodFacts* row = find_method(method);
    return row == nullptr || (era == Era::modern ? row->modern : row->legacy);
}

/// Whether the answer may be kept for a while: `ttlMs` in the modern era, a promise to announce changes
/// in the legacy one.
[[nodiscard]] constexpr bool is_cacheable(std::string_view method) noexcept {
    const MethodFacts* row = find_method(method);
    return row != nullptr && row->cacheable;
}

/// The cacheable ones that list a catalogue: what `list_changed` notifications empty.
[[nodiscard]] constexpr bool is_cacheable_list(std::string_view method) noexcept {
    return method.ends_with("/list") && is_cacheable(method);
}

/// Class P of the delivery rules: reads of the protocol itself, safe to send again after any end.
[[nodiscard]] constexpr bool is_protocol_read(std::string_view method) noexcept {
    const MethodFacts* row = find_method(method);
    return row != nullptr && row->protocol_read;
}

}  // namespace haive::mcp
