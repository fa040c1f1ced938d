#include "rows.hpp"

#include <haive/mcp/client.hpp>

namespace haive::bench {

using namespace haive::mcp;

namespace {

/// The least of a server: agrees to a handshake and answers pings.
class IdleServer final : public MemoryServer {
public:
    void on_line(std::string_view line, const std::function<void(std::string)>& reply) override {
        const std::size_t at = line.find("\"id\":");
        if (at == std::string_view::npos) return;
        const std::string_view id = line.substr(at + 5, line.find(',', at) - at - 5);
        const bool hello = line.find("\"initialize\"") != std::string_view::npos;
        reply(
            R"({"jsonrpc":"2.0","id":)" + std::string(id.substr(0, id.find('}'))) + R"(,"result":)" +
            (hello
                 ? R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"idle","version":"1"}}})"
                 : "{}}"));
    }
};

}  // namespace

/// Heap bytes of one open in-memory channel: both ends of the pair and the server behind it.
static double transport_bytes(int count, const std::shared_ptr<Runtime>& runtime, const MCPTransport& transport) {
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

IdleCost idle_connections(int count, double seconds) {
    auto runtime = Runtime::manual();
    MemoryTransport transport([] { return std::make_unique<IdleServer>(); });
    IdleCost cost;
    cost.transport_bytes_each = transport_bytes(count, runtime, transport);
    std::vector<MCPConnection> connections;
    connections.reserve(static_cast<std::size_t>(count));
    ClientOptions client;
    client.era = EraPreference::legacy;
    const std::size_t before = heap_bytes();
    for (int i = 0; i < count; ++i) {
        ConnectionOptions options;
        options.client = client;
        options.runtime = runtime;
        connections.emplace_back("idle-" + std::to_string(i), transport, std::move(options));
    }
    std::vector<Async<void>> starting;
    for (auto& connection : connections) starting.push_back(connection.start_monitoring());
    for (auto& one : starting) runtime->run(std::move(one));
    for (auto& connection : connections) runtime->run(connection.wait_until_connected(Seconds(60)));
    starting.clear();
    starting.shrink_to_fit();

    cost.bytes_each = static_cast<double>(heap_bytes() - before) / count;
    for (const auto& connection : connections) cost.connected += connection.is_connected() ? 1 : 0;

    auto pause = [](Runtime& r, double s) -> Task<void> {
        struct Sleep {
            Timer timer;
            std::coroutine_handle<> waiter;
            Sleep(Loop& loop, TimePoint until) : timer(loop, [this] { waiter.resume(); }) { timer.arm(until); }
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> h) noexcept { waiter = h; }
            void await_resume() const noexcept {}
        };
        Sleep sleep(r.loop(), r.loop().now() + to_duration(Seconds(s)));
        co_await sleep;
    };
    const double cpu = cpu_now_us();
    const double wall = wall_now_us();
    runtime->run(pause(*runtime, seconds));
    cost.cpu_share = (cpu_now_us() - cpu) / (wall_now_us() - wall);
    std::size_t still = 0;
    for (const auto& connection : connections) still += connection.is_connected() ? 1 : 0;
    cost.connected = std::min(cost.connected, still);
    std::vector<Async<void>> closing;  // a manual runtime does nothing behind its owner's back
    for (auto& connection : connections) closing.push_back(connection.disconnect());
    for (auto& one : closing) runtime->run(std::move(one));
    return cost;
}

}  // namespace haive::bench
