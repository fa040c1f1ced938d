#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace haive::mcp {

/// A JSON-RPC id as it stands on the wire: none, null, an integer, or a string (raw, with its escapes).
struct MessageId {
    enum class Kind : std::uint8_t { none, null, integer, string, other };
    Kind kind = Kind::none;
    std::int64_t number = 0;
    std::string_view raw;  ///< the id's own JSON text, to be echoed in an answer

    [[nodiscard]] bool is_integer(std::uint64_t value) const noexcept {
        return kind == Kind::integer && number >= 0 && static_cast<std::uint64_t>(number) == value;
    }
};

enum class MessageKind : std::uint8_t { request, notification, result, error };

/// One routed JSON-RPC message: views into the bytes that were read, nothing copied.
/// Valid until the function that was given it returns. The slices are not fully validated: building a
/// value from one is what validates it.
struct MessageView {
    MessageKind kind = MessageKind::notification;
    MessageId id;
    std::string_view method;   ///< unescaped; requests and notifications
    std::string_view payload;  ///< raw `params`, `result` or `error`; empty when absent
    std::string_view text;     ///< the whole message
};

}  // namespace haive::mcp
