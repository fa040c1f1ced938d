#pragma once

#include "driver/cells.hpp"

#include <haive/mcp/client.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace haive::bench {

/// Which part of the library makes the calls.
struct Ours {
    std::string_view kind;  ///< `client`, `connection`, `manager` (with pool, breaker, limits and retries), `blocking`
    bool raw = false;       ///< arguments as JSON text, not as a JSON object
    mcp::EraPreference era = mcp::EraPreference::legacy;
};

/// Runs the cells over `transport` and prints their lines.
void run_ours(const Ours& ours, const std::vector<Cell>& cells, std::shared_ptr<mcp::MCPTransport> transport);

}  // namespace haive::bench
