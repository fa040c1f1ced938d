// The second calling style: plain blocking code, in a program that has no event loop of its own.
#include <haive/mcp/client.hpp>

#include <cstdio>

using namespace haive::mcp::client;
using namespace std::chrono_literals;

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    StdioTransport transport(argv[1], {"--quiet"});
    MCPConnection connection("consumer", transport, {.auto_reconnect = true, .health_check_interval = 30s});
    try {
        auto client = connection.connect().get();
        auto result = client->call_tool("add", {{"a", 2}, {"b", 3}}).get();
        std::printf("2 + 3 = %s, healthy: %d\n", result.text().c_str(), connection.is_healthy());
        const bool good = result.text() == "5" && connection.is_healthy();

        StdioTransport wrong("no-such-program-anywhere");
        MCPConnection lost("lost", wrong);
        auto failed = lost.connect().wait();  // a value instead of an exception
        const bool told = failed.has_error() && failed.error().kind() == haive::mcp::ErrorKind::invalid_command;
        connection.disconnect().get();
        return good && told ? 0 : 1;
    } catch (const MCPError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
