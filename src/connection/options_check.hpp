#pragma once

#include "haive/mcp/connection/connection_options.hpp"

namespace haive::mcp {

/// The options themselves, or std::invalid_argument that names the field and what it may be.
[[nodiscard]] ConnectionOptions checked(ConnectionOptions options);

/// A time given by the user: not negative, not NaN.
void check_time(Seconds time, const char* field);

}  // namespace haive::mcp
