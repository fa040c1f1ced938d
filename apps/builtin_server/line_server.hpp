#pragma once

#include "stream.hpp"
#include "world.hpp"

namespace builtin {

/// The framing of stdio over a socket: one conversation for the connection, which ends with it. `world` must outlive
/// the connection.
void serve_lines(World& world, StreamPtr stream);

}  // namespace builtin
