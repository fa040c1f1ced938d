#include "haive/mcp/transport/stdio.hpp"

#include "transport/stdio/open_child.hpp"
#include "transport/stdio/secret_mask.hpp"

namespace haive::mcp {

Task<Result<std::unique_ptr<Channel>>> StdioTransport::open(Runtime& runtime, TimePoint deadline) const {
    return open_child(runtime, deadline, command_, args_, options_, {});
}

std::string StdioTransport::describe() const { return SecretMask(options_.env).command_line(command_, args_); }

}  // namespace haive::mcp
