// The third calling style: callbacks, and a loop that the program turns by itself, without any thread.
#include <haive/mcp/client.hpp>

#include <cstdio>

using namespace haive::mcp::client;

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    auto runtime = Runtime::manual();
    StdioTransport transport(argv[1], {"--quiet"});
    haive::mcp::ConnectionOptions options;
    options.runtime = runtime;
    MCPConnection connection("consumer", transport, options);

    std::string text;
    bool over = false;
    connection.connect().then([&](haive::mcp::Result<std::shared_ptr<MCPClient>> client) {
        if (client.has_error()) {
            text = client.error().to_string();
            over = true;
            return;
        }
        (*client)->call_tool("echo", {{"text", "called back"}}).then([&](auto result) {
            text = result.has_error() ? result.error().to_string() : result->text();
            over = true;
        });
    });
    while (!over) runtime->turn();
    std::printf("%s\n", text.c_str());
    runtime->run(connection.disconnect());
    return text == "called back" ? 0 : 1;
}
