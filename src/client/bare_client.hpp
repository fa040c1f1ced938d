#pragma once

#include "client/establish.hpp"
#include "haive/mcp/client/client.hpp"

namespace haive::mcp {

/// `MCPClient::open`: one conversation with nothing around it.
Task<Result<std::shared_ptr<MCPClient>>> open_bare_client(std::shared_ptr<ClientContext> context,
                                                          std::shared_ptr<const MCPTransport> transport,
                                                          Seconds timeout);

}  // namespace haive::mcp
