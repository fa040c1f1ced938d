#pragma once

#include "client/session.hpp"
#include "haive/mcp/transport/transport.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace haive::mcp {

/// One attempt to get a conversation going: open, handshake, and once more on a fresh channel where the
/// era probe spoilt the first. Shared by the attempt and by whoever may abort it. Loop thread only.
struct Opening {
    Opening() = default;
    std::shared_ptr<ClientSession> session;  ///< the newest one; null until a channel was opened
    bool aborted = false;
    std::function<void()> on_opened;  ///< a channel is open, the handshake begins

    /// Stops the attempt: it then ends with ErrorKind::shutdown and its channel is the caller's to close.
    void abort();
};

/// Runs the attempt. On success `opening->session` is agreed. On failure the error says what was seen;
/// a session that was opened is left in `opening->session` for the caller to close.
Task<Result<void>> establish(std::shared_ptr<ClientContext> context, std::shared_ptr<const MCPTransport> transport,
                             std::uint64_t generation, std::optional<PriorEra> prior, TimePoint deadline,
                             std::shared_ptr<Opening> opening);

/// Closes a session and waits until its transport is gone.
Task<Result<void>> close_session(std::shared_ptr<ClientSession> session, CloseMode mode);

}  // namespace haive::mcp
