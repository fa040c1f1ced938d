#pragma once

#include "haive/mcp/base/loop.hpp"
#include "transport/stdio/process_spawner.hpp"

#include <memory>

namespace haive::mcp {

/// The real spawner: starts servers through a guardian process of this host (docs/internals/processes.md).
/// The guardian itself is started at the first spawn, and again if it dies. `loop` must be an EpollLoop.
[[nodiscard]] std::unique_ptr<ProcessSpawner> make_guardian_spawner(Loop& loop);

}  // namespace haive::mcp
