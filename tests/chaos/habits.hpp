#pragma once

namespace haive::mcp::chaos {

/// What programs may do that breaks the connection as it is: each is a known defect with a test of its own
/// (known_defects_test.cpp). Mended, it becomes a habit of every simulated program.
struct Habits {
    /// Calls the connection from the callback of a health check that a loss has ended.
    bool acts_when_a_health_check_ends = true;
    /// Calls `connect(timeout)` while an attempt is under way, scheduled, or waits for an old transport.
    bool connects_meanwhile_with_a_timeout = true;
};

}  // namespace haive::mcp::chaos
