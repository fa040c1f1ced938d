#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/transport/runtime.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

/// How a manager treats its servers as a fleet. The defaults suit one host; raise the limits where servers are light.
struct ManagerOptions {
    /// Unset: the shared default runtime.
    std::shared_ptr<Runtime> runtime = nullptr;
    /// Where the last good catalogue is kept between runs, so that the next one offers it at once. Empty: nowhere.
    /// It holds what servers say about their tools, prompts and resources, and no results; readable by its owner only.
    std::string catalogue_file = std::string();

    /// Connections opened per second by all servers together, after a burst of so many. Above zero.
    double opens_per_second = 200;
    double open_burst = 100;
    /// Server processes that start at once, 0: twice the cores. One that takes longer than three seconds makes room for
    /// the next.
    int processes_at_once = 0;
    /// Server processes that are started again per second while nobody waits for them, however many have crashed.
    double processes_per_second = 10;
    /// Connections over the network that are being opened at once, to all hosts and to one origin.
    int network_opens_at_once = 64;
    int opens_per_origin = 4;

    /// How long calls in flight may still take when their server is removed or changed.
    Seconds drain_timeout{30.0};
};

}  // namespace haive::mcp
