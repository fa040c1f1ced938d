#pragma once

#include "cli/commands.hpp"

namespace haive::mcp::cli {

// The verbs of `haive-mcp config`, with the verb taken off the operands.
int config_check_command(Context& context);
int config_show_command(Context& context);
int config_import_command(Context& context);

}  // namespace haive::mcp::cli
