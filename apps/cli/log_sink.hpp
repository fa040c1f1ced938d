#pragma once

#include "haive/mcp/observe/event.hpp"

#include <memory>
#include <string>

namespace haive::mcp::cli {

/// Events as log lines on stderr, from `level` up.
[[nodiscard]] std::shared_ptr<EventSink> make_log_sink(const std::string& level, bool colours);

}  // namespace haive::mcp::cli
