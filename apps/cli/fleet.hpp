#pragma once

#include "cli/commands.hpp"
#include "haive/mcp/config/config.hpp"
#include "haive/mcp/config/watch.hpp"
#include "haive/mcp/manager/manager.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp::cli {

/// The servers that an invocation means, as one manager, taken down in order when it goes out of scope.
class Fleet {
public:
    /// The servers that `run` means. `keep_catalogue`: what servers offered last time is at hand at once, and what they
    /// offer now is kept.
    Fleet(Context& context, Invocation run, bool keep_catalogue);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Reads which servers are meant; nothing is opened. 0, or the exit code of the failure that was printed. First of
    /// all: the manager is made of what is read.
    [[nodiscard]] int read();
    /// From now on the configuration file's changes are carried out; `told` gets a line for each, on the loop's thread.
    void follow(std::function<void(std::string)> told);

    [[nodiscard]] MCPManager& manager() noexcept { return *manager_; }
    /// How all servers are now, and how they are reached: the manager's, then those that cannot be used, in `error`
    /// with the reason.
    [[nodiscard]] std::vector<UpstreamInfo> upstreams() const;
    /// The latter alone.
    [[nodiscard]] std::vector<UpstreamInfo> unusable() const;
    /// A line on stderr for each of them, unless the command is to be quiet.
    void say_unusable() const;
    /// Why a server is as it is, for a person; empty when there is none of that name.
    [[nodiscard]] std::string explain(const std::string& name) const;

private:
    struct Meant {
        std::vector<UpstreamConfig> servers;
        ManagerOptions manager;
    };
    /// Reads it, and keeps who cannot be used.
    [[nodiscard]] Result<Meant> meant();
    void apply_changes(const std::function<void(std::string)>& told);

    Context& context_;
    const Invocation run_;
    const bool keep_catalogue_;
    ManagerOptions options_;  // of the manager, as it was made
    std::optional<MCPManager> manager_;
    mutable std::mutex mutex_;
    // Under the mutex: the watch renews them on the loop's thread.
    std::vector<UpstreamInfo> unusable_;
    std::map<std::string, std::shared_ptr<const MCPTransport>> transports_;
    std::unique_ptr<ConfigWatch> watch_;
};

}  // namespace haive::mcp::cli
