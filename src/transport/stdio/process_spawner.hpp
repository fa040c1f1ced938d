#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/base/unique_function.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace haive::mcp {

/// What to start. The descriptors are borrowed for the call and become 0, 1 and 2 of the process.
struct SpawnRequest {
    std::string path;  ///< of the program, resolved
    std::vector<std::string> argv;
    std::vector<std::string> env;  ///< `NAME=value`
    std::string cwd;               ///< empty: the host's
    /// Run once the process has ended and is released, or this program is gone, by whatever death: for
    /// what the process left elsewhere (a container). argv with a full path first; bounded to 10 s.
    std::vector<std::string> farewell;
    int stdin_fd = -1;
    int stdout_fd = -1;
    int stderr_fd = -1;
};

struct ProcessEnd {
    int code = 0;          ///< exit code, if `signal` is 0
    int signal = 0;        ///< the signal that ended it, or 0
    bool unknown = false;  ///< it is gone, and nobody saw how
};

/// A started process with its whole family: group, children, and those that slipped away.
/// Loop thread only. Destroying the handle ends what is left of the family at once.
class ChildProcess {
public:
    virtual ~ChildProcess() = default;
    [[nodiscard]] virtual std::int64_t pid() const noexcept = 0;
    [[nodiscard]] virtual bool running() const noexcept = 0;
    /// To the process group and what escaped from it.
    virtual void signal_group(int signal) = 0;
    /// Ends what is left of the family, reaps it, and then calls `done`: nothing of it is alive any more, or
    /// (after half a second of KILLs) nothing can be done about it. Once; the handle may go meanwhile.
    virtual void release(UniqueFunction<void()> done) = 0;
    /// Called once, when the process itself has ended. Its children may still run.
    UniqueFunction<void(ProcessEnd)> on_exit;
};

/// Starts processes. Injected, so that a test can have none.
class ProcessSpawner {
public:
    using Started = UniqueFunction<void(Result<std::unique_ptr<ChildProcess>>)>;
    virtual ~ProcessSpawner() = default;
    /// `done` runs on the loop's thread, later. The error's attempt class tells whether time can mend it.
    virtual void spawn(const SpawnRequest& request, Started done) = 0;
};

}  // namespace haive::mcp
