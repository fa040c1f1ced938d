// What connections cost that do nothing but live: memory each, and the processor's time for watching them.
//     haive-bench-idle connections|manager COUNT SECONDS       prints one JSON line
// The servers are in this process; what their in-memory channels take is measured first and told apart.
#include "driver/cells.hpp"
#include "figures.hpp"

#include <haive/mcp/client.hpp>
#include <haive/mcp/manager/manager.hpp>

#include <coroutine>
#include <cstdio>
#include <cstdlib>

using namespace haive::mcp;
using haive::bench::cpu_now_us;
using haive::bench::die;
using haive::bench::heap_bytes;

namespace {

/// The least of a server: agrees to a handshake, offers one tool, and answers pings.
class IdleServer final : public MemoryServer {
public:
    void on_line(std::string_view line, const std::function<void(std::string)>& reply) override {
        const std::size_t at = line.find("\"id\":");
        if (at == std::string_view::npos) return;
        std::string_view id = line.substr(at + 5);
        id = id.substr(0, id.find_first_of(",}"));
        std::string_view result = "{}";
        if (line.find("\"initialize\"") != std::string_view::npos) {
            result = R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
                     R"("serverInfo":{"name":"idle","version":"1"}})";
        } else if (line.find("\"tools/list\"") != std::string_view::npos) {
            result = R"({"tools":[{"name":"echo","inputSchema":{"type":"object"}}]})";
        }
        std::string answer = R"({"jsonrpc":"2.0","id":)";
        reply(((answer += id) += ",\"result\":").append(result) + "}");
    }
};

/// Heap bytes of one open in-memory channel: both ends of the pair and the server behind it.
double transport_bytes(int count, const std::shared_ptr<Runtime>& runtime, const MCPTransport& transport) {
    std::vector<std::unique_ptr<Channel>> channels;
    channels.reserve(static_cast<std::size_t>(count));
    auto open = [](const MCPTransport& recipe, Runtime& r) -> Task<std::unique_ptr<Channel>> {
        auto channel = co_await recipe.open(r, never);
        co_return std::move(*channel);
    };
    const std::size_t before = heap_bytes();
    for (int i = 0; i < count; ++i) channels.push_back(runtime->run(open(transport, *runtime)));
    return static_cast<double>(heap_bytes() - before) / count;
}

/// Ends after `seconds`.
Task<void> pause(Loop& loop, double seconds) {
    struct Sleep {
        Sleep(Loop& l, TimePoint until) : timer(l, [this] { waiter.resume(); }) { timer.arm(until); }
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> h) noexcept { waiter = h; }
        void await_resume() const noexcept {}
        Timer timer;
        std::coroutine_handle<> waiter;
    };
    Sleep sleep(loop, loop.now() + to_duration(Seconds(seconds)));
    co_await sleep;
}

/// Percent of one core that the loop takes while nothing is asked of it.
double cpu_percent(Runtime& runtime, double seconds) {
    using Clock = std::chrono::steady_clock;
    const double cpu = cpu_now_us();
    const auto began = Clock::now();
    runtime.run(pause(runtime.loop(), seconds));
    return (cpu_now_us() - cpu) / std::chrono::duration<double, std::micro>(Clock::now() - began).count() * 100;
}

struct Cost {
    double bytes_each = 0;
    double cpu = 0;
    std::size_t connected = 0;
};

ConnectionOptions quiet_options(const std::shared_ptr<Runtime>& runtime) {
    ConnectionOptions options;
    options.client.era = EraPreference::legacy;
    options.runtime = runtime;
    return options;
}

Cost connections(int count, double seconds, const std::shared_ptr<Runtime>& runtime, const MCPTransport& transport) {
    std::vector<MCPConnection> all;
    all.reserve(static_cast<std::size_t>(count));
    const std::size_t before = heap_bytes();
    for (int i = 0; i < count; ++i) {
        all.emplace_back("idle-" + std::to_string(i), transport, quiet_options(runtime));
    }
    for (auto& connection : all) runtime->run(connection.start_monitoring());
    for (auto& connection : all) runtime->run(connection.wait_until_connected(Seconds(60)));
    Cost cost;
    cost.bytes_each = static_cast<double>(heap_bytes() - before) / count;
    cost.cpu = cpu_percent(*runtime, seconds);
    for (const auto& connection : all) cost.connected += connection.is_connected() ? 1 : 0;
    std::vector<Async<void>> closing;  // a manual runtime does nothing behind its owner's back
    for (auto& connection : all) closing.push_back(connection.disconnect());
    for (auto& one : closing) runtime->run(std::move(one));
    return cost;
}

Cost managed(int count, double seconds, const std::shared_ptr<Runtime>& runtime, const MCPTransport& transport) {
    ManagerOptions options;
    options.runtime = runtime;
    options.opens_per_second = 100000;
    options.open_burst = 100000;
    const std::size_t before = heap_bytes();
    MCPManager manager(std::move(options));
    {
        std::vector<UpstreamConfig> servers(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            auto& server = servers[static_cast<std::size_t>(i)];
            server.name = "idle-" + std::to_string(i);
            server.transport = transport.clone();
            server.connection = quiet_options(runtime);
        }
        runtime->run(manager.apply(std::move(servers)));
    }
    runtime->run(manager.start_all(Seconds(120)));
    while (manager.catalogue()->tools.size() < static_cast<std::size_t>(count)) runtime->turn();
    Cost cost;
    cost.bytes_each = static_cast<double>(heap_bytes() - before) / count;
    cost.cpu = cpu_percent(*runtime, seconds);
    cost.connected = manager.health().by_status["connected"];
    runtime->run(manager.close(Seconds(60)));
    return cost;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view kind = argc > 1 ? argv[1] : "";
    const int count = argc > 2 ? std::atoi(argv[2]) : 0;
    const double seconds = argc > 3 ? std::atof(argv[3]) : 0;
    if ((kind != "connections" && kind != "manager") || count < 1 || seconds <= 0) {
        die("usage: haive-bench-idle connections|manager COUNT SECONDS");
    }
    auto runtime = Runtime::manual();
    const MemoryTransport transport([] { return std::make_unique<IdleServer>(); });
    const double channel = transport_bytes(count, runtime, transport);
    const Cost cost = kind == "manager" ? managed(count, seconds, runtime, transport)
                                        : connections(count, seconds, runtime, transport);
    if (cost.connected != static_cast<std::size_t>(count)) die("not all of them stayed connected");
    std::printf(
        "{\"kind\":\"%.*s\",\"count\":%d,\"bytes_each\":%.0f,\"transport_bytes_each\":%.0f,\"cpu_percent\":%.3f}\n",
        static_cast<int>(kind.size()), kind.data(), count, cost.bytes_each, channel, cost.cpu);
    return 0;
}
