// `bench`: what a tool costs: latency, rate, CPU.
#include "cli/commands.hpp"
#include "cli/server_choice.hpp"
#include "cli/tool_request.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <sys/resource.h>

namespace haive::mcp::cli {

namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Keeps `concurrency` calls in flight until enough are made. Lives on the loop's thread but for `run`.
class Load {
public:
    Load(MCPClient& client, std::string tool, RawJson arguments, std::optional<double> timeout)
        : client_(client), tool_(std::move(tool)), arguments_(std::move(arguments)), timeout_(timeout) {}

    void run(Context& context, MCPConnection& connection, int concurrency, long calls, std::optional<double> duration) {
        left_ = duration ? std::numeric_limits<long>::max() : calls;
        began_ = Clock::now();
        if (duration) end_ = began_ + std::chrono::duration_cast<Clock::duration>(Seconds(*duration));
        latencies_.reserve(static_cast<std::size_t>(duration ? 1 << 20 : calls));
        running_ = concurrency;
        const double cpu = cpu_seconds();
        context.runtime->loop().post([this, concurrency] {
            for (int i = 0; i < concurrency; ++i) next();
        });
        std::unique_lock lock(mutex_);
        while (!done_) {
            changed_.wait_for(lock, std::chrono::milliseconds(100));
            if (context.interrupt.requested() && !stop_.exchange(true)) {
                (void)
                    connection.disconnect();  // ends the calls in flight, which may be waiting for a server that hangs
            }
        }
        elapsed_ = std::chrono::duration<double>(Clock::now() - began_).count();
        cpu_ = cpu_seconds() - cpu;
    }

    void print(bool as_json) {
        std::ranges::sort(latencies_);
        const auto at = [&](double q) {
            if (latencies_.empty()) return 0.0;
            return latencies_[static_cast<std::size_t>(q * static_cast<double>(latencies_.size() - 1))];
        };
        const auto answered = static_cast<double>(latencies_.size());
        const double cpu_us = latencies_.empty() ? 0 : cpu_ / answered * 1e6;
        if (as_json) {
            json::object out{{"calls", latencies_.size()},
                             {"failed", failed_},
                             {"tool_errors", tool_errors_},
                             {"seconds", elapsed_},
                             {"calls_per_second", answered / elapsed_},
                             {"cpu_us_per_call", cpu_us},
                             {"p50", at(0.5)},
                             {"p90", at(0.9)},
                             {"p99", at(0.99)},
                             {"p999", at(0.999)},
                             {"max", at(1)}};
            std::puts(to_text(out).c_str());
            return;
        }
        std::printf("calls     %zu in %s, %.0f/s", latencies_.size(), duration_text(elapsed_).c_str(),
                    answered / elapsed_);
        if (failed_ > 0) std::printf(", %ld failed", failed_);
        if (tool_errors_ > 0) std::printf(", %ld tool errors", tool_errors_);
        std::puts("");
        if (latencies_.empty()) return;
        std::printf("latency   p50 %s, p90 %s, p99 %s, p99.9 %s, max %s\n", duration_text(at(0.5)).c_str(),
                    duration_text(at(0.9)).c_str(), duration_text(at(0.99)).c_str(), duration_text(at(0.999)).c_str(),
                    duration_text(at(1)).c_str());
        std::printf("CPU       %.1f us a call on this side\n", cpu_us);
    }
    [[nodiscard]] const std::optional<Error>& first_error() const { return error_; }
    [[nodiscard]] long tool_errors() const { return tool_errors_; }

private:
    /// One worker: the next call when the one before it has ended. A call that fails at once must not
    /// start the next from within itself, or a dead server would cost a stack frame for each.
    void next() {
        bool at_once = true;
        while (std::exchange(at_once, false)) {
            if (left_ <= 0 || stop_ || (end_ && Clock::now() >= *end_)) return leave();
            --left_;
            CallOptions options;
            options.max_attempts = 1;
            options.wait_for_ready = true;
            if (timeout_) options.timeout = Seconds(*timeout_);
            const auto sent = Clock::now();
            auto call = client_.call_tool(tool_, arguments_, std::move(options));
            if (call.is_done()) {
                count(call.wait(), sent);
                at_once = true;
            } else {
                call.then([this, sent](Result<CallToolResult> result) {
                    count(std::move(result), sent);
                    next();
                });
            }
        }
    }
    void leave() {
        if (--running_ > 0) return;
        std::lock_guard lock(mutex_);
        done_ = true;
        changed_.notify_one();
    }
    void count(Result<CallToolResult> result, Clock::time_point sent) {
        if (result.has_error()) {
            ++failed_;
            if (!error_) error_ = result.error();
            if (failed_ > 100 && latencies_.empty()) stop_ = true;
        } else {
            latencies_.push_back(std::chrono::duration<double>(Clock::now() - sent).count());
            tool_errors_ += result->is_error ? 1 : 0;
        }
    }

    MCPClient& client_;
    std::string tool_;
    RawJson arguments_;
    std::optional<double> timeout_;
    std::vector<double> latencies_;
    long left_ = 0;
    long failed_ = 0;
    long tool_errors_ = 0;
    int running_ = 0;
    std::atomic<bool> stop_{false};
    std::optional<Error> error_;
    Clock::time_point began_;
    std::optional<Clock::time_point> end_;
    double elapsed_ = 0;
    double cpu_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
};

}  // namespace

int bench_command(Context& context) {
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    if (context.run.calls && context.run.duration) return misuse("--calls and --for exclude each other");
    ToolRequest request;
    if (const int code = request.read(context); code != exit_ok) return code;

    Connected connected(context, *server);
    if (const int code = connected.connect(); code != exit_ok) return code;
    if (const int code = request.resolve(context, connected); code != exit_ok) return code;
    Load load(connected.client(), request.name(), RawJson(json::serialize(request.arguments())), context.run.timeout);
    load.run(context, connected.connection(), context.run.concurrency, context.run.calls.value_or(1000),
             context.run.duration);
    load.print(context.run.json);
    if (context.interrupt.requested()) return exit_interrupted;
    if (load.first_error()) return fail(context, request.explained(*load.first_error()));
    return load.tool_errors() > 0 ? exit_tool_error : exit_ok;
}

}  // namespace haive::mcp::cli
