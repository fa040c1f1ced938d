// The second example of the documented module: a connection that is monitored and healed by itself.
//     2_monitoring COMMAND [ARG...]
#include <haive/mcp/client.hpp>

#include <cstdio>

using namespace haive::mcp::client;
using namespace std::chrono_literals;

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]), 2;
    StdioTransport transport(argv[1], {argv + 2, argv + argc});
    MCPConnection connection("filesystem", transport,
                             {
                                 .auto_reconnect = true,
                                 .health_check_interval = 30s,
                             });
    connection.start_monitoring().get();
    // Connection will be monitored and auto-reconnected

    try {
        connection.wait_until_connected(30s).get();  // it connects in the background
    } catch (const MCPError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 3;
    }
    const auto info = connection.get_info();
    std::printf("%s: %s, score %.2f\n", info.name.c_str(), std::string(to_string(info.status)).c_str(),
                info.health_score);
    connection.disconnect().get();
    return 0;
}
