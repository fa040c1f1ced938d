#pragma once

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "haive/mcp/base/error.hpp"

#include <atomic>
#include <memory>

namespace haive::mcp {
class MCPClient;
class MCPConnection;
struct ServerConfig;
class Runtime;
}  // namespace haive::mcp

namespace haive::mcp::cli {

/// What every command works with.
struct Context {
    Invocation run;
    Terminal terminal;
    Interrupt& interrupt;
    std::shared_ptr<Runtime> runtime;
};

// Each returns the process's exit code. Results go to stdout, everything else to stderr.
int list_tools_command(Context& context);
int list_resources_command(Context& context);
int list_prompts_command(Context& context);
int call_command(Context& context);
int read_command(Context& context);
int prompt_command(Context& context);
int health_command(Context& context);
int monitor_command(Context& context);
int status_command(Context& context);
int explain_command(Context& context);
int bench_command(Context& context);
int list_servers_command(Context& context);
int demo_command(Context& context);
int completions_command(Context& context);
int config_command(Context& context);

/// Prints an error for a person and gives its exit code.
int fail(const Context& context, const Error& error);
/// Prints how a command is used and gives its exit code.
int misuse(const std::string& text);
/// 0, or the exit code of a complaint about words that mean nothing here.
int refuse_operands(const Context& context);

/// A connection that is up, and taken down in order when it goes out of scope.
class Connected {
public:
    Connected(Context& context, const ServerConfig& server);
    ~Connected();
    Connected(const Connected&) = delete;
    Connected& operator=(const Connected&) = delete;

    /// 0, or the exit code of the failure that was printed.
    [[nodiscard]] int connect();
    /// Lets a server that asked for roots take them in, which none of them announces; at most 0.3 s.
    void settle();
    [[nodiscard]] MCPClient& client() const noexcept { return *client_; }
    [[nodiscard]] MCPConnection& connection() const noexcept { return *connection_; }

private:
    Context& context_;
    std::atomic<bool> gave_roots_{false};
    std::unique_ptr<MCPConnection> connection_;
    std::shared_ptr<MCPClient> client_;
};

}  // namespace haive::mcp::cli
