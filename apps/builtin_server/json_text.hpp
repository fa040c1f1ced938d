#pragma once

#include "message.hpp"

namespace builtin {

/// The one message in `text`. Throws Refusal -32700 or -32600.
[[nodiscard]] json::object message_in(std::string_view text);

}  // namespace builtin
