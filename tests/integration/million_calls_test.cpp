// A server that is killed again and again under load: every call ends exactly once, and the ledger that
// the server keeps says whether the verdicts were true.
#include "haive/mcp/client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAIVE_SLOW_BUILD
#endif
#endif

#ifdef HAIVE_SLOW_BUILD
constexpr std::size_t default_calls = 50'000;
#else
constexpr std::size_t default_calls = 1'000'000;
#endif

std::size_t calls_wanted() {
    const char* text = std::getenv("HAIVE_KILL_CALLS");
    return text == nullptr ? default_calls : std::strtoull(text, nullptr, 10);
}

enum class Outcome : std::uint8_t { open, answered, executed, maybe, not_sent };

/// 64 calls of the tool `effect` in flight, each with a token of its own. Loop thread, but for `wait`.
class Load {
public:
    Load(std::shared_ptr<MCPClient> client, std::size_t calls)
        : client_(std::move(client)), outcomes_(calls, Outcome::open) {}

    void start(Loop& loop) {
        loop.post([this] {
            for (int i = 0; i < 64; ++i) next();
        });
    }
    void wait() {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return running_ == 0; });
    }
    [[nodiscard]] const std::vector<Outcome>& outcomes() const { return outcomes_; }
    [[nodiscard]] std::size_t ended_twice() const { return ended_twice_; }

private:
    void next() {
        if (issued_ == outcomes_.size()) {
            std::lock_guard lock(mutex_);
            if (--running_ == 0) done_.notify_one();
            return;
        }
        const std::size_t token = issued_++;
        CallOptions options;
        options.wait_for_ready = true;
        options.timeout = 20s;
        const RawJson arguments("{\"key\":\"" + std::to_string(token) + "\"}");
        client_->call_tool("effect", arguments, std::move(options)).then([this, token](Result<CallToolResult> result) {
            if (outcomes_[token] != Outcome::open) ++ended_twice_;
            outcomes_[token] = outcome_of(result);
            next();
        });
    }
    static Outcome outcome_of(const Result<CallToolResult>& result) {
        if (result.has_value()) return Outcome::answered;
        switch (result.error().disposition()) {
            case Disposition::executed: return Outcome::executed;
            case Disposition::maybe_executed: return Outcome::maybe;
            case Disposition::not_sent: break;
        }
        return Outcome::not_sent;
    }

    std::shared_ptr<MCPClient> client_;
    std::vector<Outcome> outcomes_;
    std::size_t issued_ = 0;
    std::size_t ended_twice_ = 0;
    int running_ = 64;
    std::mutex mutex_;
    std::condition_variable done_;
};

/// Kills the connection's present server every 100 to 400 ms until it goes out of scope.
class Killer {
public:
    explicit Killer(MCPConnection& connection) : thread_([this, &connection] { run(connection); }) {}
    ~Killer() {
        {
            std::lock_guard lock(mutex_);
            over_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    [[nodiscard]] int kills() const { return kills_; }

private:
    void run(MCPConnection& connection) {
        std::mt19937 random(7);
        std::uniform_int_distribution<int> pause_ms(100, 400);
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, std::chrono::milliseconds(pause_ms(random)), [this] { return over_; })) {
            const auto info = connection.get_info();
            const auto* pid = info.metadata.if_contains("pid");
            if (info.status != ConnectionStatus::connected || pid == nullptr) continue;
            if (kill(static_cast<pid_t>(pid->to_number<std::int64_t>()), SIGKILL) == 0) ++kills_;
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::atomic<int> kills_{0};
    std::thread thread_;
};

std::vector<int> read_ledger(const std::filesystem::path& file, std::size_t calls) {
    std::vector<int> executions(calls, 0);
    std::ifstream ledger(file);
    std::size_t token = 0;
    std::string rest;
    while (ledger >> token) {
        std::getline(ledger, rest);
        ++executions.at(token);
    }
    return executions;
}

TEST(MillionCalls, under_random_kills_every_call_ends_once_and_no_verdict_is_wrong) {
    const std::size_t calls = calls_wanted();
    const auto folder = std::filesystem::temp_directory_path() / ("haive-kill-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const auto ledger = folder / "ledger";
    auto runtime = Runtime::threaded();
    ConnectionOptions options;
    options.runtime = runtime;
    options.max_reconnect_attempts = -1;
    options.reconnect_delay = 10ms;
    options.max_reconnect_delay = 50ms;
    options.health_check_interval = 5s;
    const StdioTransport transport(HAIVE_TEST_SERVER, {"--quiet", "--ledger", ledger.string()});
    MCPConnection connection("killed", transport, std::move(options));
    auto client = connection.connect().get();
    connection.start_monitoring().get();

    Load load(client, calls);
    int kills = 0;
    {
        Killer killer(connection);
        load.start(runtime->loop());
        load.wait();
        kills = killer.kills();
    }
    const auto reconnects = connection.get_info().metadata.at("reconnects").to_number<int>();
    connection.disconnect().get();

    const auto executions = read_ledger(ledger, calls);
    std::size_t answered = 0, maybe = 0, maybe_ran = 0, not_sent = 0, wrong = 0;
    for (std::size_t token = 0; token < calls; ++token) {
        const int ran = executions[token];
        switch (load.outcomes()[token]) {
            case Outcome::open: ++wrong; break;
            case Outcome::answered:
                ++answered;
                wrong += ran == 1 ? 0 : 1;
                break;
            case Outcome::executed: wrong += ran == 1 ? 0 : 1; break;
            case Outcome::maybe:
                ++maybe;
                maybe_ran += ran == 1 ? 1 : 0;
                wrong += ran <= 1 ? 0 : 1;
                break;
            case Outcome::not_sent:
                ++not_sent;
                wrong += ran == 0 ? 0 : 1;
                break;
        }
    }
    std::printf("%zu calls, %d kills, %d reconnects: %zu answered, %zu maybe_executed (%zu had run), %zu not_sent\n",
                calls, kills, reconnects, answered, maybe, maybe_ran, not_sent);
    EXPECT_EQ(wrong, 0U) << "calls that are still open, ran twice, or whose verdict the ledger contradicts";
    EXPECT_EQ(load.ended_twice(), 0U);
    EXPECT_GT(kills, calls >= 200'000 ? 3 : 0);
    EXPECT_GE(reconnects, kills > 1 ? kills / 2 : 0);
    EXPECT_GT(maybe, 0U) << "no kill ever met a call in flight: the test shows nothing";
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace haive::mcp
