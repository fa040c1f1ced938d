#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace haive::mcp {

/// JSON text that people read too: numbers as they would write them (`0.65`, not `6.5E-1`). NaN and
/// infinities, which JSON does not have, become null. Thread-safe.
[[nodiscard]] std::string to_text(const boost::json::value& value);

}  // namespace haive::mcp
