// How long a connection is away when its server is killed.
//     haive-bench-reconnect ROUNDS -- COMMAND ARGS...      prints one JSON line
// `kill -9` of the child, again and again; the documented delay before the first attempt is left out of the figures by
// setting it to zero, so that they are what the machinery itself needs.
#include "driver/cells.hpp"

#include <haive/mcp/client.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

using namespace haive::mcp;
using haive::bench::die;
using Clock = std::chrono::steady_clock;

namespace {

struct Figures {
    std::vector<double> noticed;    ///< until the status says that it is gone
    std::vector<double> connected;  ///< until it says that it is back
    std::vector<double> answered;   ///< until a call is answered that was made at the kill
};

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

double ms_since(Clock::time_point then) {
    return std::chrono::duration<double, std::milli>(Clock::now() - then).count();
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const int rounds = words.empty() ? 0 : std::atoi(words[0].c_str());
    if (rounds < 1 || words.size() < 3 || words[1] != "--")
        die("usage: haive-bench-reconnect ROUNDS -- COMMAND ARGS...");
    auto runtime = Runtime::manual();
    ConnectionOptions options;
    options.reconnect_delay = Seconds(0);
    options.max_reconnect_attempts = -1;
    options.client.era = EraPreference::legacy;
    options.runtime = runtime;
    options.wait_for_ready = true;
    const StdioTransport transport(words[2], std::vector<std::string>(words.begin() + 3, words.end()));
    MCPConnection connection("killed", transport, options);
    auto client = runtime->run(connection.connect());

    std::int64_t pid = 0;
    Clock::time_point killed;
    Figures figures;
    connection.set_event_listener([&](const Event& event) {
        const auto* status = std::get_if<StatusEvent>(&event.what);
        if (status == nullptr) return;
        if (status->from == "connected") figures.noticed.push_back(ms_since(killed));
        if (status->to != "connected") return;
        figures.connected.push_back(ms_since(killed));
        pid = status->pid;
    });
    runtime->run(connection.reconnect());
    figures = Figures();
    for (int i = 0; i < rounds; ++i) {
        killed = Clock::now();
        kill(static_cast<pid_t>(pid), SIGKILL);
        while (connection.is_connected()) runtime->turn();
        if (!runtime->run(client->call_tool("echo", json::object{{"text", "x"}})).is_error) {
            figures.answered.push_back(ms_since(killed));
        }
    }
    std::printf("{\"rounds\":%d,\"noticed_ms\":%.2f,\"connected_ms\":%.2f,\"answered_ms\":%.2f}\n", rounds,
                median(figures.noticed), median(figures.connected), median(figures.answered));
    runtime->run(connection.disconnect());
    return 0;
}
