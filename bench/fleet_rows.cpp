// haive-bench-fleet: what one bad server costs its neighbours, and how long a fleet takes to be there. One JSON line a
// figure; runs with and without the bad ones take turns, and medians are printed.
#include "figures.hpp"
#include "fleet_run.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace haive::bench;
using namespace haive::mcp;

namespace {

constexpr int starts_a_round = 6;  // besides the one that is followed by calls

struct Settings {
    int rounds = 5;
    int good = 96;
    double calls_per_second = 200;
    double seconds = 10;  ///< of calls in each run
    std::string server = HAIVE_BENCH_SERVER;
    std::string only;                                     ///< "hostile", "dead" or "start"; empty: all
    std::string bad = "silent,looping,flooding,missing";  ///< which of the four
};

Settings read_settings(int argc, char** argv) {
    Settings out;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view flag = argv[i];
        const char* value = argv[i + 1];
        if (flag == "--rounds") out.rounds = std::max(1, std::atoi(value));
        if (flag == "--good") out.good = std::max(1, std::atoi(value));
        if (flag == "--calls-per-second") out.calls_per_second = std::max(1.0, std::atof(value));
        if (flag == "--seconds") out.seconds = std::atof(value);
        if (flag == "--server") out.server = value;
        if (flag == "--only") out.only = value;
        if (flag == "--bad") out.bad = value;
    }
    return out;
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
    return values[std::min(at, values.size() - 1)];
}

void say(const char* name, double value) {
    std::printf("{\"figure\":\"%s\",\"value\":%.3f}\n", name, value);
    std::fflush(stdout);
}

void say_budget(const char* name, double value, double budget) {
    std::printf("{\"figure\":\"%s\",\"value\":%.3f,\"budget\":%.2f,\"verdict\":\"%s\"}\n", name, value, budget,
                value <= budget ? "ok" : "MISSED");
    std::fflush(stdout);
}

std::vector<std::shared_ptr<MCPClient>> clients_of(const MCPManager& manager, const std::string& prefix, int count) {
    std::vector<std::shared_ptr<MCPClient>> out;
    for (int i = 0; i < count; ++i) out.push_back(manager.client(prefix + std::to_string(i)));
    return out;
}

/// The medians of one kind of run.
struct Side {
    std::vector<double> ready, p50, p99;
    std::size_t failed = 0;
};

std::vector<UpstreamConfig> fleet_of(const Settings& settings, bool hostile) {
    auto fleet = servers(settings.server, "good", settings.good);
    if (hostile) {
        const auto put = [&](std::size_t at, const std::string& name, std::vector<std::string> args,
                             const std::string& program) {
            if (settings.bad.find(name) == std::string::npos) return;
            auto one = servers(program, name, 1, std::move(args)).front();
            one.connection.reconnect_delay = Seconds(0.2);  // a crash loop that goes on throughout
            one.connection.max_reconnect_delay = Seconds(1);
            fleet.insert(fleet.begin() + static_cast<std::ptrdiff_t>(std::min(at, fleet.size())), std::move(one));
        };
        put(0, "silent", {"--hang-at-start"}, settings.server);
        put(20, "looping", {"--die-after-handshake"}, settings.server);
        put(50, "flooding", {"--notify-flood", "20000"}, settings.server);
        put(80, "missing", {}, "no-such-command-anywhere");
    }
    return fleet;
}

void add_start(Side& side, const Settings& settings, bool hostile) {
    FleetRun run(fleet_of(settings, hostile), "good");
    side.ready.push_back(run.ready_ms());
}

void add_run(Side& side, const Settings& settings, bool hostile) {
    FleetRun run(fleet_of(settings, hostile), "good");
    const double ready = run.ready_ms();
    std::unique_ptr<CallLoop> flood;
    if (hostile && settings.bad.find("flooding") != std::string::npos) {
        flood = std::make_unique<CallLoop>(run.manager().client("flooding0"));
    }
    const CallTimes calls =
        steady_calls(clients_of(run.manager(), "good", settings.good), settings.calls_per_second, settings.seconds);
    side.ready.push_back(ready);
    side.p50.push_back(percentile(calls.ms, 0.5));
    side.p99.push_back(percentile(calls.ms, 0.99));
    side.failed += calls.failed;
    std::printf("{\"run\":\"%s\",\"ready_ms\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"failed\":%zu,\"floods\":%llu}\n",
                hostile ? "with the four" : "without", ready, side.p50.back(), side.p99.back(), calls.failed,
                static_cast<unsigned long long>(flood ? flood->ended() : 0));
    std::fflush(stdout);
}

/// Four hostile servers among the good: what they cost these.
void hostile_rows(const Settings& settings) {
    Side with;
    Side without;
    for (int round = 0; round < settings.rounds; ++round) {
        const bool first = round % 2 == 1;
        add_run(first ? with : without, settings, first);
        add_run(first ? without : with, settings, !first);
    }
    // A start is over in a moment, and one differs from the next by more than what is looked for.
    for (int round = 0; round < settings.rounds * starts_a_round; ++round) {
        const bool first = round % 2 == 1;
        add_start(first ? with : without, settings, first);
        add_start(first ? without : with, settings, !first);
    }
    say("hostile.ready_ms_without", median_of(without.ready));
    say("hostile.ready_ms_with", median_of(with.ready));
    say_budget("hostile.ready_ratio", median_of(with.ready) / median_of(without.ready), 1.05);
    say("hostile.p50_ms_without", median_of(without.p50));
    say("hostile.p50_ms_with", median_of(with.p50));
    say("hostile.p99_ms_without", median_of(without.p99));
    say("hostile.p99_ms_with", median_of(with.p99));
    say_budget("hostile.p99_ratio", median_of(with.p99) / median_of(without.p99), 1.10);
    say_budget("hostile.failed_calls_of_the_good", static_cast<double>(with.failed + without.failed), 0);
}

/// 25 servers, one of them dead: from when on the program can work.
void dead_rows(const Settings& settings) {
    constexpr int good = 24;
    std::vector<double> control, unblocked, ready, lag;
    for (int round = 0; round < settings.rounds * 2; ++round) {
        auto fleet = servers(settings.server, "good", good);
        auto dead = servers(settings.server, "dead", 1, {"--hang-at-start"});
        fleet.insert(fleet.begin(), dead.begin(), dead.end());
        std::mutex mutex;
        std::map<std::string, FleetRun::Clock::time_point> answered;
        FleetRun run(std::move(fleet), "good");
        control.push_back(run.control_ms());
        // All are called at once, before any can be there; each call waits for its own server alone.
        std::vector<Async<CallToolResult>> calls;
        for (const auto& client : clients_of(run.manager(), "good", good)) {
            calls.push_back(client->call_tool("echo", {{"text", "x"}}));
        }
        std::atomic<int> left{good};
        for (int i = 0; i < good; ++i) {
            std::move(calls[static_cast<std::size_t>(i)]).then([&, i](const Result<CallToolResult>& result) {
                if (!result.has_error()) {
                    const std::lock_guard hold(mutex);
                    answered.emplace("good" + std::to_string(i), FleetRun::Clock::now());
                }
                if (--left == 0) left.notify_all();
            });
        }
        ready.push_back(run.ready_ms());
        for (int now = left; now != 0; now = left) left.wait(now);
        const auto connected = run.connected();
        double first = 1e9;
        double longest = 0;
        for (const auto& [name, when] : answered) {
            first = std::min(first, run.since_start_ms(when));
            longest = std::max(longest, run.since_start_ms(when) - run.since_start_ms(connected.at(name)));
        }
        if (answered.size() < good) longest = first = 1e9;  // a call that failed is no call that was possible
        unblocked.push_back(first);
        lag.push_back(longest);
    }
    say("dead_of_25.control_ms", median_of(control));
    say_budget("dead_of_25.unblocked_ms", median_of(unblocked), 50);
    say("dead_of_25.answer_after_connected_ms_longest", median_of(lag));
    say("dead_of_25.all_24_listed_ms", median_of(ready));
}

void start_rows(const Settings& settings) {
    for (const int count : {1, 25, 100}) {
        std::vector<double> ready;
        for (int round = 0; round < settings.rounds; ++round) {
            FleetRun run(servers(settings.server, "good", count), "good");
            ready.push_back(run.ready_ms());
        }
        say(("start.connect_and_list_" + std::to_string(count) + "_ms").c_str(), median_of(ready));
    }
}

}  // namespace

int main(int argc, char** argv) {
    const Settings settings = read_settings(argc, argv);
    const auto wanted = [&](std::string_view part) { return settings.only.empty() || settings.only == part; };
    if (wanted("start")) start_rows(settings);
    if (wanted("dead")) dead_rows(settings);
    if (wanted("hostile")) hostile_rows(settings);
    return 0;
}
