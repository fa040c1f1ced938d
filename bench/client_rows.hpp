#pragma once

#include "rows.hpp"

#include <haive/mcp/client.hpp>

#include <memory>

namespace haive::bench {

/// `calls` calls of `echo` with 100 bytes by `in_flight` callers, after a tenth as many to warm up.
Sample measure_calls(mcp::Runtime& runtime, const std::shared_ptr<mcp::MCPClient>& client, int calls, int in_flight);

}  // namespace haive::bench
