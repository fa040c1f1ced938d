#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/protocol/caller.hpp"

namespace haive::mcp {

/// Is told of calls that are held back, or end, before a connection sees them: its own meter cannot know of those.
class GuardWitness {
public:
    virtual void refused(const Request& request, ErrorKind kind) noexcept = 0;
    /// So many more calls are held back, or less.
    virtual void held(int change) noexcept = 0;

    /// A call is held back while this lives. The witness may be null.
    class Hold {
    public:
        explicit Hold(GuardWitness* witness) noexcept : witness_(witness) {
            if (witness_ != nullptr) witness_->held(1);
        }
        ~Hold() {
            if (witness_ != nullptr) witness_->held(-1);
        }
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

    private:
        GuardWitness* const witness_;
    };

protected:
    ~GuardWitness() = default;
};

}  // namespace haive::mcp
