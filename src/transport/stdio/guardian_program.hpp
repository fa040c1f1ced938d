#pragma once

#include "haive/mcp/base/result.hpp"

#include <sys/types.h>

namespace haive::mcp {

/// A running guardian: its process and our end of its socket.
struct GuardianProgram {
    pid_t pid = -1;
    int socket = -1;
};

/// Starts the embedded guardian from memory, or from a temporary file where the system forbids that.
[[nodiscard]] Result<GuardianProgram> start_guardian_program();

/// Waits for a guardian whose socket was closed, so that it leaves no zombie. Bounded; blocks.
void reap_guardian(pid_t pid) noexcept;

}  // namespace haive::mcp
