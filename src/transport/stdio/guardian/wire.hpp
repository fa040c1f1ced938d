#pragma once

#include <cstdint>

// What a host and its guardian say to each other over their socket: one fixed-size record a packet.
// Both ends are built from the same source at the same time, so there is no version in it.
namespace haive::mcp::guardian {

enum class Command : std::uint32_t {
    spawn = 1,    ///< with four descriptors: payload, stdin, stdout, stderr
    signal = 2,   ///< `signal` to the child's group, and to what it left behind
    release = 3,  ///< the child is of no more interest: end what remains of it, reap it
};

enum class Report : std::uint32_t {
    spawned = 1,   ///< `value` is the pid
    released = 4,  ///< nothing of the child's family is left
    failed = 2,    ///< `value` is errno; `stage` says of what
    exited = 3,    ///< `value` is the exit code or the signal; `stage` 1 when it was a signal
};

enum class Stage : std::uint32_t { fork = 0, chdir = 1, exec = 2 };

struct ToGuardian {
    Command command;
    std::int32_t signal;
    std::uint64_t id;
};

struct ToHost {
    Report report;
    std::int32_t value;
    std::uint64_t id;
    std::uint32_t stage;
    std::uint32_t unused;
};

/// The payload of `spawn`, in a memory file: path, cwd, argv, env and the farewell's argv, each text
/// ended by a NUL.
struct PayloadHead {
    std::uint32_t argc;
    std::uint32_t envc;
    std::uint32_t farewellc;
};

/// Marks every descendant of a child, so that one that left its group and session is still known.
inline constexpr char marker_variable[] = "HAIVE_MCP_CHILD";

}  // namespace haive::mcp::guardian
