#pragma once

#include "haive/mcp/transport/stdio.hpp"

namespace haive::mcp {

/// Starts a child and opens the channel to it. `farewell` is the argv of a program that is run, by its
/// name along the child's PATH, once the child is gone; empty for none.
Task<Result<std::unique_ptr<Channel>>> open_child(Runtime& runtime, TimePoint deadline, std::string command,
                                                  std::vector<std::string> args, StdioOptions options,
                                                  std::vector<std::string> farewell);

}  // namespace haive::mcp
