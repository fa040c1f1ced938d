#pragma once

#include "haive/mcp/transport/transport.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// How a server process is started, fed and ended.
struct StdioOptions {
    StdioOptions() = default;

    /// Merged over the inherited variables. Values never appear in a log, an error or a metric.
    std::map<std::string, std::string> env;
    /// Names of further host variables to pass on. The default set is HOME, LOGNAME, PATH, SHELL, TERM,
    /// USER (specification, stdio), locale, time zone, temporary and XDG folders, and certificate paths.
    std::vector<std::string> inherit;
    /// Pass on the host's whole environment, secrets included.
    bool inherit_all = false;
    /// Working directory of the server; empty for the host's.
    std::string cwd;
    /// Largest message that is taken from the server, in bytes. A larger one fails only its own call.
    std::size_t max_message_bytes = std::size_t{64} << 20;
    /// Bytes queued for a server that does not read, behind the message being written. Beyond them calls
    /// fail at once with ErrorKind::queue_full, not sent.
    std::size_t max_outbox_bytes = std::size_t{4} << 20;
    /// How much of the server's stderr is kept for errors and `explain`, in bytes.
    std::size_t stderr_bytes = std::size_t{16} << 10;
    /// Every line of the server's stderr, without its newline, cut at 4 KiB. On the loop's thread; must
    /// not block. Lines are dropped, not queued, while it runs.
    std::function<void(std::string_view line)> on_stderr_line;
    /// Patience of a graceful close: seconds from the end of its input to SIGTERM, and on to SIGKILL.
    std::chrono::milliseconds term_after{2000};
    std::chrono::milliseconds kill_after{3000};
};

/// A server that is a child process, spoken to over its stdin and stdout: one JSON message a line.
///
/// The child gets its own process group and ends with this program, whatever ends it: a small guardian
/// process watches (docs/internals/processes.md). Its stderr is read always and kept in a bounded ring.
/// No shell is involved: `args` reach the program as they are.
/// Source: MCP specification, Transports, stdio (all revisions).
class StdioTransport : public MCPTransport {
public:
    explicit StdioTransport(std::string command, std::vector<std::string> args = {},
                            StdioOptions options = StdioOptions())
        : command_(std::move(command)), args_(std::move(args)), options_(std::move(options)) {}

    /// Errors: invalid_command (not found, not executable, bad cwd or env: retrying is no use),
    /// server_unavailable (no room for a process or its pipes).
    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override {
        return std::make_shared<StdioTransport>(*this);
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "StdioTransport"; }
    /// The command line, with what looks like a secret replaced.
    [[nodiscard]] std::string describe() const override;
    [[nodiscard]] ServerPlace place() const override { return {.transport = "pipe"}; }

    [[nodiscard]] const std::string& command() const noexcept { return command_; }
    [[nodiscard]] const std::vector<std::string>& args() const noexcept { return args_; }
    [[nodiscard]] const StdioOptions& options() const noexcept { return options_; }

private:
    std::string command_;
    std::vector<std::string> args_;
    StdioOptions options_;
};

}  // namespace haive::mcp
