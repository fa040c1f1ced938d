#include "client_rows.hpp"

#include <cstdlib>

namespace haive::bench {

using namespace haive::mcp;

namespace {

/// Calls `echo` one after the other until the shared count is used up.
Task<void> caller(std::shared_ptr<MCPClient> client, int* left) {
    const RawJson arguments("{\"text\":\"" + std::string(100, 'x') + "\"}");
    while (*left > 0) {
        --*left;
        auto call = client->call_tool("echo", arguments);
        auto result = co_await call;
        if (result.is_error) std::abort();
    }
}

Task<void> callers(std::shared_ptr<MCPClient> client, Runtime& runtime, int calls, int in_flight) {
    int left = calls;
    std::vector<Async<void>> running;
    for (int i = 0; i < in_flight; ++i) running.push_back(runtime.spawn(caller(client, &left)));
    for (auto& one : running) co_await one;
}

}  // namespace

Sample measure_calls(Runtime& runtime, const std::shared_ptr<MCPClient>& client, int calls, int in_flight) {
    runtime.run(callers(client, runtime, calls / 10 + 1, in_flight));  // warm up
    const double cpu = cpu_now_us();
    const double wall = wall_now_us();
    runtime.run(callers(client, runtime, calls, in_flight));
    Sample sample;
    sample.cpu_us = (cpu_now_us() - cpu) / calls;
    sample.wall_us = (wall_now_us() - wall) / calls;
    return sample;
}

}  // namespace haive::bench
