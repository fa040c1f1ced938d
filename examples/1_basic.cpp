// The first example of the documented module, line by line: connect, list tools, disconnect.
//     1_basic COMMAND [ARG...]      e.g.  1_basic npx -y @modelcontextprotocol/server-filesystem DIR
#include <haive/mcp/client.hpp>

#include <cstdio>

using namespace haive::mcp::client;

Task<int> basic(std::string command, std::vector<std::string> args) {
    StdioTransport transport(command, args);
    MCPConnection connection("filesystem", transport);

    co_await connection.connect();
    auto client = connection.get_client();
    auto tools = co_await client->list_tools();
    for (const auto& tool : tools) std::printf("%s\n", tool.name.c_str());
    co_await connection.disconnect();
    co_return tools.empty() ? 1 : 0;
}

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]), 2;
    try {
        return Runtime::shared()->run(basic(argv[1], {argv + 2, argv + argc}));
    } catch (const MCPError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 3;
    }
}
