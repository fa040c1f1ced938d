#pragma once

#include "haive/mcp/connection/connection_options.hpp"

#include <vector>

namespace haive::mcp::chaos {

/// How many attempts the present outage may have used by now (B-1..B-6), from outside: every count that
/// fits what was seen. Where the rules leave no count, they were broken.
class EpisodeModel {
public:
    explicit EpisodeModel(const ConnectionOptions& options) : options_(options) {}

    /// A new outage, by connect(), disconnect(), start_monitoring() at rest, or revival.
    void start_over() { used_.assign(1, 0); }
    /// It was connected for `uptime`, and leaves that now. `answered` if a request surely was.
    void leave_connected(Duration uptime, bool answered);
    /// A retry was scheduled in `delay`. False if no count allows this delay, or any at all.
    [[nodiscard]] bool schedule(Duration delay);
    /// An attempt of the outage begins. False if that is one too many.
    [[nodiscard]] bool attempt();
    /// It gave up. False if attempts were left.
    [[nodiscard]] bool exhaust();
    [[nodiscard]] Duration base(int attempt) const;

private:
    [[nodiscard]] bool limited() const { return options_.max_reconnect_attempts >= 0; }
    [[nodiscard]] Duration stable_uptime(int used) const;

    const ConnectionOptions options_;
    std::vector<int> used_{0};
};

}  // namespace haive::mcp::chaos
