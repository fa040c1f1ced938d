#include "fleet_run.hpp"

#include <haive/mcp/client.hpp>

#include <algorithm>
#include <thread>

namespace haive::bench {

using namespace haive::mcp;
using namespace std::chrono_literals;

namespace {

double to_ms(FleetRun::Clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

}  // namespace

std::vector<UpstreamConfig> servers(const std::string& program, const std::string& prefix, int count,
                                    std::vector<std::string> args) {
    args.insert(args.begin(), {"--quiet", "--max-life", "600"});
    std::vector<UpstreamConfig> out;
    for (int i = 0; i < count; ++i) {
        UpstreamConfig each;
        each.name = prefix + std::to_string(i);
        each.transport = std::make_shared<StdioTransport>(program, args);
        each.fingerprint = each.name;
        each.connection.max_reconnect_attempts = -1;
        out.push_back(std::move(each));
    }
    return out;
}

FleetRun::FleetRun(std::vector<UpstreamConfig> servers, std::string good) : good_(std::move(good)) {
    for (const auto& each : servers) wanted_ += each.name.starts_with(good_) ? 1 : 0;
    ManagerOptions options;
    options.runtime = Runtime::threaded();
    manager_ = std::make_unique<MCPManager>(std::move(options));
    manager_->set_event_listener([this](const Event& event) {
        const auto* status = std::get_if<StatusEvent>(&event.what);
        if (status == nullptr || status->to != "connected") return;
        const std::lock_guard hold(mutex_);
        connected_.try_emplace(std::string(event.server), Clock::now());
    });
    manager_->set_catalogue_listener([this](const Catalogue& catalogue, const CatalogueDiff&) {
        std::size_t listed = 0;
        for (const auto& share : catalogue.shares) {
            listed += share.server.starts_with(good_) && share.freshness == Freshness::current ? 1 : 0;
        }
        const std::lock_guard hold(mutex_);
        if (listed < wanted_ || all_listed_ != Clock::time_point()) return;
        all_listed_ = Clock::now();
        changed_.notify_all();
    });
    began_ = Clock::now();
    manager_->apply(std::move(servers)).get();
    manager_->start_all(60s).then([](const Result<StartReport>&) {});
    control_ms_ = since_start_ms(Clock::now());
}

FleetRun::~FleetRun() { manager_->close(Seconds(10)).get(); }

double FleetRun::ready_ms() {
    std::unique_lock hold(mutex_);
    const bool there = changed_.wait_for(hold, 60s, [this] { return all_listed_ != Clock::time_point(); });
    return there ? since_start_ms(all_listed_) : -1;
}

double FleetRun::since_start_ms(Clock::time_point when) const { return to_ms(when - began_); }

std::map<std::string, FleetRun::Clock::time_point> FleetRun::connected() const {
    const std::lock_guard hold(mutex_);
    return connected_;
}

CallTimes steady_calls(const std::vector<std::shared_ptr<MCPClient>>& clients, double per_second, double seconds) {
    struct Ends {
        std::mutex mutex;
        std::condition_variable changed;
        std::size_t open = 0;
        CallTimes times;
    };
    const auto ends = std::make_shared<Ends>();
    const auto count = static_cast<std::size_t>(per_second * seconds);
    ends->times.ms.reserve(count);
    const auto began = FleetRun::Clock::now();
    const auto beat = std::chrono::duration_cast<FleetRun::Clock::duration>(Seconds(1 / per_second));
    for (std::size_t i = 0; i < count; ++i) {
        std::this_thread::sleep_until(began + beat * static_cast<FleetRun::Clock::rep>(i));
        {
            const std::lock_guard hold(ends->mutex);
            ++ends->open;
        }
        const auto made = FleetRun::Clock::now();
        clients[i % clients.size()]
            ->call_tool("echo", {{"text", "x"}})
            .then([ends, made](const Result<CallToolResult>& result) {
                const double took = to_ms(FleetRun::Clock::now() - made);
                const std::lock_guard hold(ends->mutex);
                if (result.has_error()) {
                    ++ends->times.failed;
                } else {
                    ends->times.ms.push_back(took);
                }
                if (--ends->open == 0) ends->changed.notify_all();
            });
    }
    std::unique_lock hold(ends->mutex);
    ends->changed.wait(hold, [&] { return ends->open == 0; });
    return std::move(ends->times);
}

struct CallLoop::State {
    std::shared_ptr<MCPClient> client;
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> ended{0};

    static void next(const std::shared_ptr<State>& state) {
        if (state->stop) return;
        state->client->call_tool("echo", {{"text", "x"}}).then([state](const Result<CallToolResult>&) {
            ++state->ended;
            next(state);
        });
    }
};

CallLoop::CallLoop(std::shared_ptr<MCPClient> client) : state_(std::make_shared<State>()) {
    state_->client = std::move(client);
    State::next(state_);
}
CallLoop::~CallLoop() { state_->stop = true; }
std::uint64_t CallLoop::ended() const noexcept { return state_->ended; }

}  // namespace haive::bench
