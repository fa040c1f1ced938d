#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/base/task.hpp"
#include "haive/mcp/observe/server_place.hpp"
#include "haive/mcp/transport/channel.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace haive::mcp {

class Runtime;

/// A recipe for opening a channel to one server: options and nothing that is open.
///
/// A value: connections copy it, so it may go out of scope. Subclass it to bring your own binding or a
/// test double. Const functions may be called from any thread; `open` runs on the loop's thread.
class MCPTransport {
public:
    virtual ~MCPTransport() = default;

    /// Opens a channel or says why not. No more than `deadline` may pass. The Error's attempt_class
    /// tells whether time can mend it (rule 1.4).
    virtual Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const = 0;
    /// An independent copy.
    [[nodiscard]] virtual std::shared_ptr<MCPTransport> clone() const = 0;
    /// `StdioTransport`, `HttpTransport`, ...: the documented `transport_type`.
    [[nodiscard]] virtual std::string_view type() const noexcept = 0;
    /// For a person: the command line or URL, secrets left out.
    [[nodiscard]] virtual std::string describe() const = 0;
    /// What is connected to, as `scheme://host:port`: servers of one origin are opened and paced together. Empty: this
    /// server is an origin of its own.
    [[nodiscard]] virtual std::string origin() const { return std::string(); }
    /// What metrics and traces call the way there. Never with credentials.
    [[nodiscard]] virtual ServerPlace place() const { return {}; }
};

}  // namespace haive::mcp
