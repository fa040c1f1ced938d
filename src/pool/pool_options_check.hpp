#pragma once

#include "haive/mcp/pool/pool_options.hpp"

namespace haive::mcp {

/// The options themselves, or std::invalid_argument that names the field and what it may be.
[[nodiscard]] PoolOptions checked(PoolOptions options);

}  // namespace haive::mcp
