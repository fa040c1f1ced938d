#pragma once

#include "transport/stdio/guardian/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <sys/types.h>

namespace haive::mcp::guardian {

/// The texts of one spawn command, mapped privately from its memory file.
class Payload {
public:
    /// False (errno says why) when the file cannot be mapped or is not what it should be.
    bool load(int fd);
    void unload();
    [[nodiscard]] bool has_farewell() const { return data_ != nullptr && head()->farewellc > 0; }

    /// Become the program, or its farewell; both return only on failure, with errno set.
    void exec_program(const char* marker, Stage& failed_at) const;
    void exec_farewell(const char* marker) const;

private:
    [[nodiscard]] const PayloadHead* head() const { return reinterpret_cast<const PayloadHead*>(data_); }

    char* data_ = nullptr;
    size_t size_ = 0;
};

struct Child {
    std::uint64_t id;
    pid_t pid;  // 0 once reaped: the number may be somebody else's
    bool exited;
    int sweeps_left;  // > 0: released, and being swept
    int left_before;  // of its family, in the sweep before
    Payload payload;  // kept only for a farewell
};

/// Forks a child that becomes the payload's program on `fds`. 0, or errno and the stage that failed.
int start_child(std::uint64_t id, const Payload& payload, const int* fds, pid_t& pid, Stage& failed_at);
/// Forks the farewell of a child, on /dev/null. 0 or -1 when it cannot be started.
pid_t start_farewell(const Child& child);

}  // namespace haive::mcp::guardian
