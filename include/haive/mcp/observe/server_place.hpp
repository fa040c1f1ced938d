#pragma once

#include <string>

namespace haive::mcp {

/// How a server is reached, in the words of OpenTelemetry's conventions. Empty: unknown, or there is none.
struct ServerPlace {
    std::string transport = std::string();  ///< `network.transport`: pipe, tcp, unix
    std::string protocol = std::string();   ///< `network.protocol.name`: http, websocket
    std::string address = std::string();    ///< `server.address`: host or socket; no user, path or query of a URL
    std::string port = std::string();       ///< `server.port`
};

}  // namespace haive::mcp
