#pragma once

#include "haive/mcp/manager/upstream_info.hpp"

#include <string>

namespace haive::mcp::cli {

/// What is wrong with a server in a few words, without what its row says already; empty when nothing is.
/// `floods`: it talks so much unasked that it is read more slowly.
[[nodiscard]] std::string trouble_of(const UpstreamInfo& info, bool floods);

/// Whether it stands for a server that cannot be used at all (Fleet::unusable).
[[nodiscard]] bool is_unusable(const UpstreamInfo& info);

}  // namespace haive::mcp::cli
