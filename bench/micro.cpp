// Single operations inside the process: reading the score, and making values of what servers send.
#include <haive/mcp/client.hpp>

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace haive::bench {
namespace {

using namespace haive::mcp;

/// `tools/list` of a big server: about 50 KB.
std::string tools_list() {
    json::array tools;
    for (int i = 0; i < 90; ++i) {
        json::object properties;
        for (const char* name : {"path", "pattern", "limit", "encoding"}) {
            properties[name] = {{"type", "string"}, {"description", "The value that this call uses for its work."}};
        }
        tools.push_back({{"name", "tool_number_" + std::to_string(i)},
                         {"title", "A tool"},
                         {"description", "Does what its name says, and says so at some length."},
                         {"inputSchema", {{"type", "object"}, {"properties", properties}, {"required", {"path"}}}}});
    }
    return json::serialize(json::object{{"tools", std::move(tools)}});
}

std::string text_result(std::size_t bytes) {
    return R"({"content":[{"type":"text","text":")" + std::string(bytes, 'x') + R"("}],"isError":false})";
}

void list_of_tools(benchmark::State& state) {
    const std::string text = tools_list();
    for (auto _ : state) benchmark::DoNotOptimize(parse_list_tools_result(text));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(list_of_tools)->Name("tools_list_50_kb")->Unit(benchmark::kMicrosecond);

void list_by_boost(benchmark::State& state) {
    const std::string text = tools_list();
    for (auto _ : state) benchmark::DoNotOptimize(boost::json::parse(text));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(list_by_boost)->Name("tools_list_50_kb/boost_json_value")->Unit(benchmark::kMicrosecond);

void big_result(benchmark::State& state) {
    const std::string text = text_result(10 << 20);
    for (auto _ : state) benchmark::DoNotOptimize(parse_call_tool_result(text));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(big_result)->Name("result_10_mb")->Unit(benchmark::kMicrosecond);

void big_by_boost(benchmark::State& state) {
    const std::string text = text_result(10 << 20);
    for (auto _ : state) benchmark::DoNotOptimize(boost::json::parse(text));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(big_by_boost)->Name("result_10_mb/boost_json_value")->Unit(benchmark::kMicrosecond);

class Greeter final : public MemoryServer {
public:
    void on_line(std::string_view line, const std::function<void(std::string)>& reply) override {
        if (line.find("\"initialize\"") == std::string_view::npos) return;
        const std::string_view id = line.substr(line.find("\"id\":") + 5);
        reply(
            R"({"jsonrpc":"2.0","id":)" + std::string(id.substr(0, id.find_first_of(",}"))) +
            R"(,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"g","version":"1"}}})");
    }
};

void score_read(benchmark::State& state) {
    auto runtime = Runtime::manual();
    ConnectionOptions options;
    options.runtime = runtime;
    options.client.era = EraPreference::legacy;
    MCPConnection connection("score", MemoryTransport([] { return std::make_unique<Greeter>(); }), options);
    runtime->run(connection.connect());
    for (auto _ : state) benchmark::DoNotOptimize(connection.is_healthy());
    runtime->run(connection.disconnect());
}
BENCHMARK(score_read)->Name("is_healthy")->Unit(benchmark::kNanosecond);

}  // namespace
}  // namespace haive::bench

BENCHMARK_MAIN();
