#pragma once

#include "haive/mcp/manager/upstream_info.hpp"

#include <string>

namespace haive::mcp::cli {

/// What is wrong with a server, in one line for a table: the last error without what the row says already (its name,
/// its command line), and with the last words of a process that ended. Empty when nothing is known to be wrong.
[[nodiscard]] std::string trouble_text(const ConnectionInfo& info);

/// Whether it stands for a server that cannot be used at all (Fleet::unusable).
[[nodiscard]] bool is_unusable(const UpstreamInfo& info);

}  // namespace haive::mcp::cli
