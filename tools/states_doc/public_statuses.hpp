#pragma once

#include "haive/mcp/connection/connection_status.hpp"
#include "haive/mcp/connection/phase.hpp"

#include <map>
#include <set>

namespace haive::mcp::states_doc {

/// The statuses that the real machine shows in each phase, found by walking it at random from a fixed
/// seed. Every phase is reached, or the map has no entry for it.
[[nodiscard]] std::map<Phase, std::set<ConnectionStatus>> public_statuses();

}  // namespace haive::mcp::states_doc
