#include "client_rows.hpp"
#include "rows.hpp"

#include <haive/mcp/client.hpp>

namespace haive::bench {

using namespace haive::mcp;

namespace {

ClientOptions legacy_client() {
    ClientOptions options;
    options.era = EraPreference::legacy;
    return options;
}

}  // namespace

Sample bare_client(const std::string& server, int calls, int in_flight) {
    auto runtime = Runtime::manual();
    StdioTransport transport(server, {"--quiet"});
    auto client = runtime->run(MCPClient::open(transport, legacy_client(), Seconds(10), runtime));
    const Sample sample = measure_calls(*runtime, client, calls, in_flight);
    runtime->run(client->close());
    return sample;
}

Sample whole_connection(const std::string& server, int calls, int in_flight) {
    auto runtime = Runtime::manual();
    StdioTransport transport(server, {"--quiet"});
    ConnectionOptions options;
    options.client = legacy_client();
    options.runtime = runtime;
    MCPConnection connection("bench", transport, std::move(options));
    auto client = runtime->run(connection.connect());
    runtime->run(connection.start_monitoring());
    const Sample sample = measure_calls(*runtime, client, calls, in_flight);
    runtime->run(connection.disconnect());
    return sample;
}

}  // namespace haive::bench
