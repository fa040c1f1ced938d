#pragma once

#include "haive/mcp/manager/upstream_options.hpp"

namespace haive::mcp {

/// The configuration itself, or std::invalid_argument that names the server, the field and what it may be.
/// What its connection and its pool check themselves is left to them.
[[nodiscard]] UpstreamConfig checked(UpstreamConfig config);

}  // namespace haive::mcp
