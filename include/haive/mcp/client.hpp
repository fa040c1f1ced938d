#pragma once

/// The documented module `haive.mcp.client`: everything a program needs to keep MCP servers at hand.

#include "haive/mcp/base/exceptions.hpp"
#include "haive/mcp/base/task.hpp"
#include "haive/mcp/client/client.hpp"
#include "haive/mcp/client/handlers.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/transport/docker.hpp"
#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/memory.hpp"
#include "haive/mcp/transport/runtime.hpp"
#include "haive/mcp/transport/socket.hpp"
#include "haive/mcp/transport/stdio.hpp"
#include "haive/mcp/transport/websocket.hpp"

/// The names of the documented module path; the same types live in haive::mcp.
namespace haive::mcp::client {
using mcp::ConnectionInfo;
using mcp::ConnectionOptions;
using mcp::ConnectionStatus;
using mcp::DockerTransport;
using mcp::HttpOptions;
using mcp::HttpTransport;
using mcp::MCPAuthenticationError;
using mcp::MCPCapabilityError;
using mcp::MCPClient;
using mcp::MCPConnection;
using mcp::MCPConnectionError;
using mcp::MCPError;
using mcp::MCPProtocolError;
using mcp::MCPTimeoutError;
using mcp::MCPToolError;
using mcp::MCPTransport;
using mcp::MCPTransportError;
using mcp::Runtime;
using mcp::SseTransport;
using mcp::StdioTransport;
using mcp::Task;
using mcp::TcpTransport;
using mcp::UnixSocketTransport;
using mcp::WebSocketTransport;
}  // namespace haive::mcp::client
