#pragma once

#include "stream.hpp"
#include "world.hpp"

namespace builtin {

/// WebSocket with the subprotocol `mcp`: a message is a text frame, a connection is a conversation. `world` must
/// outlive the connection.
void serve_websocket(World& world, const StreamPtr& stream);

}  // namespace builtin
