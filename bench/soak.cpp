// haive-bench-soak: a manager under calls whose servers are lost once a second, for as long as it takes to see whether
// anything grows. Exit code 1 when it does, or when a call never ended.
#include "call_counts.hpp"
#include "drift.hpp"
#include "own_server.hpp"
#include "process_facts.hpp"

#include <haive/mcp/client.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

using namespace haive::bench;
using namespace haive::mcp;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

struct Settings {
    double seconds = 1800;
    double warm_up = 300;  ///< what came before is not judged
    double sample_every = 10;
    double say_every = 60;
    int children = 4;
    int calls_per_second = 50;
    double most_drift = 1;  ///< percent of the resident memory
    std::string server = HAIVE_BENCH_SERVER;
};

Settings read_settings(int argc, char** argv) {
    Settings out;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view flag = argv[i];
        const char* value = argv[i + 1];
        if (flag == "--seconds") out.seconds = std::atof(value);
        if (flag == "--warm-up") out.warm_up = std::atof(value);
        if (flag == "--sample-every") out.sample_every = std::atof(value);
        if (flag == "--say-every") out.say_every = std::atof(value);
        if (flag == "--children") out.children = std::max(1, std::atoi(value));
        if (flag == "--calls-per-second") out.calls_per_second = std::max(1, std::atoi(value));
        if (flag == "--server") out.server = value;
    }
    out.warm_up = std::min(out.warm_up, out.seconds / 3);
    return out;
}

UpstreamConfig upstream(std::string name, std::shared_ptr<MCPTransport> transport) {
    UpstreamConfig out;
    out.name = std::move(name);
    out.transport = std::move(transport);
    out.fingerprint = out.name;
    out.connection.max_reconnect_attempts = -1;
    out.connection.reconnect_delay = Seconds(0.05);
    out.connection.max_reconnect_delay = Seconds(0.2);  // each is lost every few seconds: that is no crash loop here
    out.connection.client.era = EraPreference::legacy;  // the era with sessions to lose
    return out;
}

/// The fleet, and what is done to it: in turn a child is killed, another replaced, and the HTTP server forgets a
/// session by itself, once every three seconds each.
class Fleet {
public:
    explicit Fleet(const Settings& settings)
        : settings_(settings),
          http_(settings.server, {"--max-life", std::to_string(settings.seconds + 600), "--http", "0",
                                  "--http-404-session-every", std::to_string(forgotten_every(settings))}) {
        ManagerOptions options;
        options.runtime = Runtime::threaded();
        manager_ = std::make_unique<MCPManager>(std::move(options));
        manager_->set_event_listener([this](const Event& event) {
            if (std::holds_alternative<SessionReplacedEvent>(event.what))
                ++(event.server == "http" ? http_lost_ : lost_);
        });
        std::vector<UpstreamConfig> servers{upstream("http", std::make_shared<HttpTransport>(http_.url()))};
        const Args args{"--quiet", "--max-life", std::to_string(settings.seconds + 600)};
        for (int i = 0; i < settings.children; ++i) {
            servers.push_back(
                upstream("child" + std::to_string(i), std::make_shared<StdioTransport>(settings.server, args)));
        }
        manager_->apply(std::move(servers)).get();
        manager_->start_all().get();
        clients_.push_back(manager_->client("http"));
        for (int i = 0; i < settings.children; ++i) clients_.push_back(manager_->client("child" + std::to_string(i)));
    }

    /// More calls at once than the run will ever have, so that what is kept for the next ones (frames of coroutines,
    /// buffers; all bounded) has the size from which on it must not grow.
    void fill_what_is_kept() {
        for (int i = 0; i < 64; ++i) {
            for (const auto& client : clients_) counts_.sleep(*client, 200ms);
        }
        while (counts_.open() > 0) std::this_thread::sleep_for(10ms);
    }
    void call(std::uint64_t number) {
        MCPClient& client = *clients_[number % clients_.size()];
        if (number % 11 == 0) return counts_.sleep(client, 400ms);
        counts_.echo(client, "call " + std::to_string(number));
    }
    void disturb(std::uint64_t number) {
        const std::string name = "child" + std::to_string(number / 3 % static_cast<std::uint64_t>(settings_.children));
        if (number % 3 == 0) {
            for (const auto& each : manager_->upstreams()) {
                if (each.name != name || each.connection.status != ConnectionStatus::connected) continue;
                ::kill(static_cast<pid_t>(each.connection.metadata.at("pid").to_number<std::int64_t>()), SIGKILL);
            }
        } else if (number % 3 == 1) {
            manager_->reconnect(name).then([](const Result<bool>&) {});
        }
    }
    [[nodiscard]] bool settled() const { return manager_->health().by_status["connected"] == clients_.size(); }
    [[nodiscard]] const CallCounts& counts() const { return counts_; }
    [[nodiscard]] std::uint64_t lost() const { return lost_; }
    [[nodiscard]] std::uint64_t http_lost() const { return http_lost_; }
    void close() { manager_->close().get(); }

private:
    using Args = std::vector<std::string>;
    static int forgotten_every(const Settings& settings) {
        return std::max(2, 3 * settings.calls_per_second / (settings.children + 1));
    }

    Settings settings_;
    OwnServer http_;
    CallCounts counts_;
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<std::uint64_t> http_lost_{0};
    std::unique_ptr<MCPManager> manager_;
    std::vector<std::shared_ptr<MCPClient>> clients_;
};

/// The series that are judged.
struct Samples {
    std::vector<double> rss, heap, descriptors, threads, children;
    void add(const ProcessFacts& facts) {
        rss.push_back(facts.rss_kib);
        heap.push_back(facts.heap_kib);
        descriptors.push_back(static_cast<double>(facts.descriptors));
        threads.push_back(static_cast<double>(facts.threads));
        children.push_back(static_cast<double>(facts.children));
    }
};

void say_line(double second, const ProcessFacts& facts, const Fleet& fleet) {
    const CallCounts& calls = fleet.counts();
    std::printf("%6.0f s  rss %.0f KiB  heap %.0f KiB  fds %zu  threads %zu  children %zu  "
                "calls %llu answered %llu failed %llu open %llu  reconnects %llu + %llu\n",
                second, facts.rss_kib, facts.heap_kib, facts.descriptors, facts.threads, facts.children,
                static_cast<unsigned long long>(calls.made()), static_cast<unsigned long long>(calls.answered()),
                static_cast<unsigned long long>(calls.failed()), static_cast<unsigned long long>(calls.open()),
                static_cast<unsigned long long>(fleet.lost()), static_cast<unsigned long long>(fleet.http_lost()));
    std::fflush(stdout);
}

bool say_drift(const char* name, const std::vector<double>& series, bool judged_flat) {
    const Drift d = drift_of(series);
    // A sample may fall into a moment in which one more is just being opened or closed.
    const bool fine = !judged_flat || (d.last - d.first < 1 && d.first - d.last < 1);
    std::printf("{\"figure\":\"soak.%s\",\"first\":%.0f,\"last\":%.0f,\"min\":%.0f,\"max\":%.0f,"
                "\"drift_by_medians_percent\":%.3f,\"drift_by_fit_percent\":%.3f,\"samples\":%zu%s}\n",
                name, d.first, d.last, d.lowest, d.highest, d.by_medians, d.by_fit, series.size(),
                fine ? "" : ",\"verdict\":\"NOT FLAT\"");
    return fine;
}

/// Everything until the time is over: calls, losses and samples, each by its own beat.
Samples run(const Settings& settings, Fleet& fleet) {
    Samples samples;
    const auto began = Clock::now();
    const auto beat = std::chrono::duration_cast<Clock::duration>(1s) / settings.calls_per_second;
    double next_sample = 0;
    double next_line = 0;
    std::uint64_t disturbed = 0;
    for (std::uint64_t call = 0;; ++call) {
        std::this_thread::sleep_until(began + beat * static_cast<Clock::rep>(call));
        const double second = std::chrono::duration<double>(Clock::now() - began).count();
        if (second >= settings.seconds) return samples;
        fleet.call(call);
        const auto whole = static_cast<std::uint64_t>(second);
        if (whole > disturbed) fleet.disturb(disturbed = whole);
        // In the second half of a second, when what was lost at its beginning is there again.
        const double part = second - static_cast<double>(whole);
        if (second < next_sample || part < 0.5 || (!fleet.settled() && second < next_sample + 5)) continue;
        next_sample += settings.sample_every;
        const ProcessFacts facts = facts_of_this_process();
        if (second >= settings.warm_up) samples.add(facts);
        if (second < next_line) continue;
        next_line += settings.say_every;
        say_line(second, facts, fleet);
    }
}

bool say_calls(const Fleet& fleet) {
    const CallCounts& calls = fleet.counts();
    for (int i = 0; i < 1200 && calls.open() > 0; ++i) std::this_thread::sleep_for(100ms);
    std::printf("{\"figure\":\"soak.calls\",\"made\":%llu,\"answered\":%llu,\"failed_with_a_verdict\":%llu,"
                "\"wrong\":%llu,\"never_ended\":%llu,\"reconnects_stdio\":%llu,\"reconnects_http\":%llu,"
                "\"verdicts\":{",
                static_cast<unsigned long long>(calls.made()), static_cast<unsigned long long>(calls.answered()),
                static_cast<unsigned long long>(calls.failed()), static_cast<unsigned long long>(calls.wrong()),
                static_cast<unsigned long long>(calls.open()), static_cast<unsigned long long>(fleet.lost()),
                static_cast<unsigned long long>(fleet.http_lost()));
    const char* between = "";
    for (const auto& [verdict, count] : calls.verdicts()) {
        std::printf("%s\"%s\":%llu", std::exchange(between, ","), verdict.c_str(),
                    static_cast<unsigned long long>(count));
    }
    std::printf("}}\n");
    return calls.open() == 0 && calls.wrong() == 0;
}

}  // namespace

int main(int argc, char** argv) {
    const Settings settings = read_settings(argc, argv);
    Fleet fleet(settings);
    fleet.fill_what_is_kept();
    const Samples samples = run(settings, fleet);
    bool fine = say_calls(fleet);
    const Drift rss = drift_of(samples.rss);
    fine = say_drift("rss_kib", samples.rss, false) && fine;
    fine = say_drift("heap_kib", samples.heap, false) && fine;
    fine = say_drift("descriptors", samples.descriptors, true) && fine;
    fine = say_drift("threads", samples.threads, true) && fine;
    fine = say_drift("children", samples.children, true) && fine;
    if (rss.by_medians >= settings.most_drift || rss.by_fit >= settings.most_drift) fine = false;
    std::printf("{\"figure\":\"soak\",\"seconds\":%.0f,\"warm_up\":%.0f,\"verdict\":\"%s\"}\n", settings.seconds,
                settings.warm_up, fine ? "flat" : "MISSED");
    fleet.close();
    return fine ? 0 : 1;
}
