// The first calling style: coroutines.
#include <haive/mcp/client.hpp>

#include <cstdio>

using namespace haive::mcp::client;

Task<int> use(std::string server) {
    StdioTransport transport(server, {"--quiet"});
    MCPConnection connection("consumer", transport);
    co_await connection.connect();
    auto client = connection.get_client();
    auto tools = co_await client->list_tools();
    haive::mcp::json::object arguments{{"text", "hello"}};
    auto call = client->call_tool("echo", arguments);
    auto result = co_await call;
    std::printf("%zu tools, echo says %s\n", tools.size(), result.text().c_str());

    // Errors as exceptions, or as values.
    auto missing = client->call_tool("no such tool");
    auto refused = co_await missing.as_result();
    const bool told = refused.has_error() && refused.error().kind() == haive::mcp::ErrorKind::rpc_error;
    co_await connection.disconnect();
    co_return result.text() == "hello" && told ? 0 : 1;
}

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    try {
        return Runtime::shared()->run(use(argv[1]));
    } catch (const MCPError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
