#pragma once

#include "cli/commands.hpp"
#include "haive/mcp/config/config.hpp"
#include "haive/mcp/config/watch.hpp"
#include "haive/mcp/manager/manager.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace haive::mcp::cli {

/// The servers that an invocation means, as one manager, taken down in order when it goes out of scope.
class Fleet {
public:
    /// The servers that `run` means. Where it means all of a configuration, what they offered last time is at hand at
    /// once, and what they offer now is kept.
    Fleet(Context& context, Invocation run);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Reads which servers are meant; nothing is opened. 0, or the exit code of the failure that was printed.
    [[nodiscard]] int read();
    /// From now on the configuration file's changes are carried out; `told` gets a line for each, on the loop's thread.
    void follow(std::function<void(std::string)> told);

    /// `listener` is told of every event, on the loop's thread.
    void listen(std::function<void(const Event&)> listener);
    /// The servers that talk so much unasked that they are read more slowly.
    [[nodiscard]] std::set<std::string> floods() const;

    [[nodiscard]] MCPManager& manager() noexcept { return manager_; }

private:
    [[nodiscard]] Result<std::vector<UpstreamConfig>> meant() const;
    void on_event(const Event& event);

    Context& context_;
    const Invocation run_;
    mutable std::mutex mutex_;
    std::function<void(const Event&)> listener_;
    std::set<std::string> floods_;
    MCPManager manager_;
    std::unique_ptr<ConfigWatch> watch_;
};

}  // namespace haive::mcp::cli
