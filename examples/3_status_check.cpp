// The third example of the documented module: call a tool only on a healthy connection.
//     3_status_check FILE COMMAND [ARG...]
#include <haive/mcp/client.hpp>

#include <cstdio>

using namespace haive::mcp::client;

Task<int> read_if_healthy(MCPConnection& connection, std::string path) {
    if (connection.is_healthy()) {
        auto client = connection.get_client();
        haive::mcp::json::object arguments{{"path", path}};
        auto result = co_await client->call_tool("read_file", arguments);
        std::printf("%s\n", result.text().c_str());
        co_return result.is_error ? 1 : 0;
    }
    std::printf("not healthy: nothing was called\n");
    co_return 4;
}

int main(int argc, char** argv) {
    if (argc < 3) return std::fprintf(stderr, "usage: %s FILE COMMAND [ARG...]\n", argv[0]), 2;
    StdioTransport transport(argv[2], {argv + 3, argv + argc});
    MCPConnection connection("filesystem", transport);
    auto runtime = Runtime::shared();
    try {
        // Safe before any connect: a connection that is not up is not healthy.
        if (runtime->run(read_if_healthy(connection, argv[1])) != 4) return 1;
        connection.connect().get();
        const int code = runtime->run(read_if_healthy(connection, argv[1]));
        connection.disconnect().get();
        return code;
    } catch (const MCPError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 3;
    }
}
