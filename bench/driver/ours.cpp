#include "driver/ours.hpp"

#include <haive/mcp/manager/manager.hpp>

#include <boost/json/value.hpp>

#include <atomic>
#include <functional>
#include <thread>

namespace haive::bench {

using namespace haive::mcp;

namespace {

/// One call of `echo` with the `number`th text.
using Call = std::function<Async<CallToolResult>(std::string text)>;

void check(const CallToolResult& result, std::string_view text) {
    if (result.is_error || result.text() != text) die("the wrong answer to a call");
}

/// Calls one after the other until the shared count is used up.
Task<void> caller(const Call& call, const Cell& cell, int calls, int* next, Meter* meter) {
    while (*next < calls) {
        const std::string text = echo_text((*next)++, cell.bytes);
        const auto sent = Meter::Clock::now();
        auto running = call(text);
        auto result = co_await running;
        if (meter != nullptr) meter->answered(sent);
        check(result, text);
    }
}

Task<void> callers(const Call& call, Runtime& runtime, const Cell& cell, int calls, Meter* meter) {
    int next = 0;
    std::vector<Async<void>> running;
    for (int i = 0; i < cell.in_flight; ++i) running.push_back(runtime.spawn(caller(call, cell, calls, &next, meter)));
    for (auto& one : running) co_await one;
}

void run_cells(Runtime& runtime, const std::vector<Cell>& cells, const Call& call) {
    runtime.run(callers(call, runtime, Cell{}, 1, nullptr));
    say_first();
    for (const Cell& cell : cells) {
        runtime.run(callers(call, runtime, cell, cell.warm_up(), nullptr));
        Meter meter(cell);
        runtime.run(callers(call, runtime, cell, cell.calls, &meter));
        meter.print();
    }
}

/// What plain threads without an event loop do: call and wait.
void run_blocking(const std::vector<Cell>& cells, const Call& call) {
    const auto run = [&](const Cell& cell, int calls, Meter* meter) {
        std::atomic<int> next{0};
        std::mutex mutex;
        std::vector<std::jthread> threads;
        for (int i = 0; i < cell.in_flight; ++i) {
            threads.emplace_back([&] {
                for (int number = next++; number < calls; number = next++) {
                    const std::string text = echo_text(number, cell.bytes);
                    const auto sent = Meter::Clock::now();
                    check(call(text).get(), text);
                    if (meter == nullptr) continue;
                    const std::lock_guard lock(mutex);
                    meter->answered(sent);
                }
            });
        }
    };
    run(Cell{}, 1, nullptr);
    say_first();
    for (const Cell& cell : cells) {
        run(cell, cell.warm_up(), nullptr);
        Meter meter(cell);
        run(cell, cell.calls, &meter);
        meter.print();
    }
}

Call calls_of(std::shared_ptr<MCPClient> client, bool raw) {
    if (raw) {
        return [client = std::move(client)](std::string text) {
            return client->call_tool("echo", RawJson("{\"text\":\"" + std::move(text) + "\"}"));
        };
    }
    return [client = std::move(client)](std::string text) {
        return client->call_tool("echo", json::object{{"text", text}});
    };
}

void run_client(const Ours& ours, const std::vector<Cell>& cells, const MCPTransport& transport) {
    ClientOptions options;
    options.era = ours.era;
    auto runtime = Runtime::manual();
    auto client = runtime->run(MCPClient::open(transport, options, Seconds(10), runtime));
    run_cells(*runtime, cells, calls_of(client, ours.raw));
    runtime->run(client->close());
}

void run_connection(const Ours& ours, const std::vector<Cell>& cells, std::shared_ptr<MCPTransport> transport) {
    const bool blocking = ours.kind == "blocking";
    auto runtime = blocking ? Runtime::threaded() : Runtime::manual();
    ConnectionOptions options;
    options.client.era = ours.era;
    options.runtime = runtime;
    MCPConnection connection("bench", std::move(transport), std::move(options));
    runtime->run(connection.start_monitoring());
    auto client = runtime->run(connection.connect());
    if (blocking) {
        run_blocking(cells, calls_of(client, ours.raw));
    } else {
        run_cells(*runtime, cells, calls_of(client, ours.raw));
    }
    runtime->run(connection.disconnect());
}

void run_manager(const Ours& ours, const std::vector<Cell>& cells, std::shared_ptr<MCPTransport> transport) {
    auto runtime = Runtime::manual();
    ManagerOptions options;
    options.runtime = runtime;
    MCPManager manager(std::move(options));
    UpstreamConfig server;
    server.name = "bench";
    server.transport = std::move(transport);
    server.connection.client.era = ours.era;
    server.upstream.max_in_flight = 1024;
    server.pool.emplace();
    server.pool->mode = PoolMode::shared;
    server.pool->max_in_flight = 1024;
    server.pool->max_size = 1;  // as the other rows have one connection
    runtime->run(manager.add(std::move(server)));
    runtime->run(manager.start_all(Seconds(10)));
    if (ours.raw) {
        run_cells(*runtime, cells, calls_of(manager.client("bench"), true));
    } else {
        run_cells(*runtime, cells,
                  [&manager](std::string text) { return manager.call_tool("echo", json::object{{"text", text}}); });
    }
    runtime->run(manager.close());
}

}  // namespace

void run_ours(const Ours& ours, const std::vector<Cell>& cells, std::shared_ptr<MCPTransport> transport) {
    if (ours.kind == "client") return run_client(ours, cells, *transport);
    if (ours.kind == "manager") return run_manager(ours, cells, std::move(transport));
    run_connection(ours, cells, std::move(transport));
}

}  // namespace haive::bench
